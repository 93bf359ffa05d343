"""`backspeak config`: where every setting comes from, and a file to begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from backspeak.cli import options
from backspeak.config import OPTIONS

_COMMAND = "backspeak check article.txt --out report"


@click.group("config")
def command() -> None:
    """Show the settings and where they come from."""


@command.command("show")
@options.with_all_settings
def show(config_file: Path | None, **given: Any) -> None:
    """Print each setting and where it comes from.

    The command line comes before the environment, then the settings file, then the default. The
    output is itself a settings file. Options given here show what they would change.
    """
    resolved = options.resolve(config_file, **given)
    click.echo(f"# settings file: {resolved.file or 'none'}")
    for name, option in OPTIONS.items():
        value = getattr(resolved.settings, name)
        line = f"# {option.key} is not set" if value is None else f"{option.key} = {_toml(value)}"
        click.echo(f"{line:<32}  # {resolved.origins[name]}")


def print_example(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Callback of `check --example`: print a commented settings file and leave."""
    if wanted and not context.resilient_parsing:
        click.echo(example())
        context.exit()


def example() -> str:
    """A settings file with every setting at its default, explained, and the command that uses it."""
    parts = [
        "# backspeak.toml, with every setting at its default; each line may be left out. A line behind a #\n"
        "# shows what a setting may be that has no value by default. Save this where you work, or put it\n"
        f"# under [tool.backspeak] in pyproject.toml, and run\n#\n#     {_COMMAND}\n#\n"
        "# An option (--jobs 2) or a variable (BACKSPEAK_JOBS=2) says otherwise for one run;\n"
        "# `backspeak config show` tells what holds, and from where."
    ]
    for option in OPTIONS.values():
        known = f" One of: {', '.join(option.known)}." if option.known else ""
        limits = "" if option.high is None else f" From {option.low:g} to {option.high:g}."
        mark = "# " if option.default in (None, ()) else ""
        shown = option.example if mark else option.default
        parts.append(f"# {option.help}{known}{limits}\n{mark}{option.key} = {_toml(shown)}")
    return "\n\n".join(parts)


def _toml(value: Any) -> str:
    """A value as TOML writes it, which for these kinds is JSON."""
    return json.dumps([str(each) for each in value] if isinstance(value, tuple) else value, ensure_ascii=False,
                      default=str)  # fmt: skip
