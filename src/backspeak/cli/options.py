"""Options that several commands share, and how they become Settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from backspeak import config
from backspeak.config import Settings

_SETTINGS = (
    click.option("--pivot", multiple=True, metavar="LANG", help="Pivot language (repeatable). Default: es."),
    click.option("--engine", type=click.Choice(config.ENGINES), help="Translation engine. Default: bundled."),
    click.option(
        "--model",
        multiple=True,
        metavar="PAIR=NAME",
        help="Model of the marian engine: en-es=NAME or FOLDER (repeatable).",
    ),
    click.option("--tier", type=click.Choice(config.TIERS), help="fast leaves the round trip out. Default: full."),
    click.option("--source-lang", metavar="LANG", help="Language of the sources, where the input does not say."),
    click.option(
        "--disable", multiple=True, metavar="RULE", help="Switch off a rule or a family of rules (repeatable)."
    ),
    click.option("--sensitive", is_flag=True, default=None, help="More finds, more false alarms."),
    click.option("--jobs", type=click.IntRange(min=0), metavar="N", help="Threads; 0 is all cores. Default: 0."),
    click.option("--offline", is_flag=True, default=None, help="Never use the network."),
    click.option("--quiet", is_flag=True, default=None, help="No progress on standard error."),
    click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        help="Settings file. Default: backspeak.toml, if there.",
    ),
)


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that make up Settings."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def settings(config_file: Path | None, **options: Any) -> Settings:
    """Settings from the file, overridden by the options that were given."""
    path = config_file or config.find_file(Path.cwd())
    values = config.read_file(path) if path is not None else {}
    for name, value in options.items():
        if value not in (None, ()):
            values[name] = value
    return Settings(**values)
