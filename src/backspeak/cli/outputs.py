"""The option --also: results for other programs beside the record."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from backspeak.outputs import OUTPUTS


def with_outputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --also, as the argument `also`."""
    return click.option(
        "--also",
        multiple=True,
        envvar="BACKSPEAK_ALSO",
        type=click.Choice(list(OUTPUTS)),
        help="Write this too (repeatable): " + "; ".join(f"{name}: {told}" for name, told in OUTPUTS.items()) + ".",
    )(command)


def write(folder: Path, also: Sequence[str], inputs: Mapping[str, Path] | None = None) -> None:
    """Render the record in `folder` as --also says, and tell where the results are."""
    from backspeak import outputs

    for name, paths in outputs.write(folder, also, inputs=inputs).items():
        # GitHub's runner reads annotations from what a step prints.
        if name == "github" and os.environ.get("GITHUB_ACTIONS") == "true":
            for path in paths:
                click.echo(path.read_text(encoding="utf-8"), nl=False)
        for path in paths:
            click.echo(f"Also: {path}")
        if not paths:
            click.echo(f"Also: nothing to write as {name}: no input is in that format")
