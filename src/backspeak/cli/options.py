"""Settings as options of the commands: made from their declarations in `backspeak.config`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from backspeak import layers
from backspeak.config import OPTIONS, Option, Settings

Command = Callable[..., Any]


def with_settings(command: Command) -> Command:
    """Give a command the options of the settings that every command that opens models has, and --config."""
    return with_settings_of("")(command)


def with_settings_of(name: str) -> Callable[[Command], Command]:
    """The same, and the settings that are declared for the command `name` only."""
    return partial(_with, [option for option in OPTIONS.values() if not option.commands or name in option.commands])


def with_all_settings(command: Command) -> Command:
    """The same, and those of every other command."""
    return _with(list(OPTIONS.values()), command)


def _with(chosen: Sequence[Option], command: Command) -> Command:
    command = click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        help="Settings file. Default: the nearest backspeak.toml, or [tool.backspeak] in pyproject.toml. "
        "BACKSPEAK_<OPTION> in the environment sets an option too.",
    )(command)
    for option in reversed(chosen):
        command = _click_option(option)(command)
    return command


def resolve(config_file: Path | None, **given: Any) -> layers.Resolved:
    """Settings of the options given over environment, file and defaults, with their origins."""
    return layers.resolve(given, config_file)


def settings(config_file: Path | None, **given: Any) -> Settings:
    """The same without the origins."""
    return resolve(config_file, **given).settings


def _click_option(option: Option) -> Callable[[Command], Command]:
    text = option.help if option.default_text is None else f"{option.help} Default: {option.default_text}."
    if option.kind is bool:
        return click.option(f"{option.flag}/--no-{option.key}", default=None, help=text)
    return click.option(
        option.flag,
        type=_click_type(option),
        multiple=option.many,
        metavar=option.metavar,
        help=text,
        shell_complete=_completion(option),
    )


def _click_type(option: Option) -> click.ParamType:
    if option.choices is not None and not callable(option.choices):
        return click.Choice(option.choices)
    if option.kind is Path:
        return click.Path(path_type=Path)
    if option.kind is int:
        low, high = (None if limit is None else int(limit) for limit in (option.low, option.high))
        return click.IntRange(low, high)
    if option.kind is float:
        return click.FloatRange(option.low, option.high)
    return click.STRING


def _completion(option: Option) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]] | None:
    """Complete what only the installation knows; click completes choices and paths by itself."""
    if not callable(option.choices):
        return None

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in option.known or () if name.startswith(incomplete)]

    return complete
