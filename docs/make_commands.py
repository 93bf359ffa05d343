"""Writes docs/commands.md from the program itself: `python docs/make_commands.py`.

A test compares the file with what this module says, so that neither can drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from backspeak.cli import cli
from backspeak.config import OPTIONS
from backspeak.layers import OTHER_VARIABLES

_WIDTH: dict[str, Any] = {"terminal_width": 100, "max_content_width": 100}

PAGE = Path(__file__).with_name("commands.md")

_HEAD = """\
# Commands and settings

Written by `python docs/make_commands.py`; change the help of a command or the declaration of a setting
instead of this file.

Exit codes: 0 clean, 1 findings beyond the threshold that you set, 2 a usage or input error.
"""

_SETTINGS = """\
## Settings

Each is an option, an environment variable and a key of the settings file. The command line comes before
the environment, then the file, then the default; `backspeak config show` says which it was. The file is
`--config FILE` or `BACKSPEAK_CONFIG`, or else the nearest `backspeak.toml`, or `pyproject.toml` with a
`[tool.backspeak]` table, from the working folder upward; paths in it are relative to it.
`backspeak check --example` prints one to begin with. In a variable, commas stand between several values,
and `true` or `false` (1, 0, yes, no, on, off) for a switch.

| option | variable | default | meaning |
| --- | --- | --- | --- |
"""

_COMPLETION = """\
## Shell completion

Completes commands, options, engines and files. Add the line of your shell to its start file:

| shell | file | line |
| --- | --- | --- |
| bash 4.4 or later | `~/.bashrc` | `eval "$(_BACKSPEAK_COMPLETE=bash_source backspeak)"` |
| zsh | `~/.zshrc` | `eval "$(_BACKSPEAK_COMPLETE=zsh_source backspeak)"` |
| fish | `~/.config/fish/completions/backspeak.fish` | `_BACKSPEAK_COMPLETE=fish_source backspeak \\| source` |
"""


def page() -> str:
    """The whole of docs/commands.md."""
    return "\n".join([_HEAD, *_commands(), _SETTINGS + _settings(), "Other variables:\n", _variables(), _COMPLETION])


def _commands() -> Iterator[str]:
    root = click.Context(cli, info_name="backspeak", **_WIDTH, **cli.context_settings)
    yield f"```text\n{cli.get_help(root)}\n```\n"
    yield from _help(cli, root)


def _help(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        own = click.Context(command, parent=context, info_name=name, **_WIDTH)
        yield f"## {own.command_path}\n\n```text\n{command.get_help(own)}\n```\n"
        if isinstance(command, click.Group):
            yield from _help(command, own)


def _settings() -> str:
    rows = []
    for option in OPTIONS.values():
        of = f" (`{'`, `'.join(option.commands)}`)" if option.commands else ""
        rows.append(
            f"| `{option.flag}`{of} | `{option.variable}` | {option.default_text or ''} | {_cell(option.help)} |\n"
        )
    return "".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _variables() -> str:
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in OTHER_VARIABLES.items())
    return f"| variable | meaning |\n| --- | --- |\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
