"""Options that say what to read, shared by the commands that read documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from backspeak.formats.streaming import Stream

_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
_OPTIONS = (
    click.option("-i", "--hypothesis", type=_FILE, metavar="FILE", help="Text to check, one segment a line, no PATH."),
    click.option("-s", "--source", type=_FILE, metavar="FILE", help="Its source, line by line."),
    click.option(
        "-r", "--ref", "parallel_reference", type=_FILE, metavar="FILE", help="Its reference translation, line by line."
    ),
    click.option(
        "--text-column",
        envvar="BACKSPEAK_TEXT_COLUMN",
        metavar="NAME|N",
        help="CSV, TSV: the column to check, by name or number from 1.",
    ),
    click.option(
        "--source-column",
        envvar="BACKSPEAK_SOURCE_COLUMN",
        metavar="NAME|N",
        help="CSV, TSV: the column of its source.",
    ),
    click.option(
        "--reference-column",
        envvar="BACKSPEAK_REFERENCE_COLUMN",
        metavar="NAME|N",
        help="CSV, TSV: the column of its reference.",
    ),
)


@dataclass(frozen=True)
class Inputs:
    """What the command line says to read: paths, or parallel files as sacreBLEU takes them."""

    paths: Sequence[str]
    hypothesis: Path | None = None
    source: Path | None = None
    reference: Path | None = None
    text_column: str | None = None
    source_column: str | None = None
    reference_column: str | None = None
    name: str | None = None  # of the only path, in place of it

    def stream(self, source_lang: str | None, leave_out: Collection[Path] = ()) -> Stream:
        """All of it, to be read bit by bit; files to `leave_out` are no input where they lie in a folder.

        Raises InputError for a path that cannot be meant, and click's UsageError for options that contradict
        each other.
        """
        from backspeak import formats

        parallel = self.source is not None or self.reference is not None
        if self.hypothesis is not None or parallel:
            given = [str(self.hypothesis)] if self.hypothesis is not None else []
            given += self.paths
            if len(given) != 1:
                raise click.UsageError("-s and -r go with one text: name it by -i, or as the only PATH")
            return formats.ParallelStream(
                given[0],
                source=self.source,
                reference=self.reference,
                source_lang=source_lang,
                stdin=sys.stdin.buffer,
            )
        if not self.paths:
            raise click.UsageError("nothing to check: name a file, a folder, a glob, - for standard input, or -i FILE")
        columns = formats.Columns(self.text_column, self.source_column, self.reference_column)
        return formats.InputStream(
            self.paths,
            source_lang=source_lang,
            stdin=sys.stdin.buffer,
            columns=columns,
            name=self.name,
            leave_out=leave_out,
        )

    def files(self) -> dict[str, Path]:
        """Document name -> file, where there is one."""
        from backspeak import formats

        return {} if self.hypothesis is not None or not self.paths else formats.input_paths(self.paths)


def with_inputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options above; it gets them as one argument, `inputs`, with its own `paths`."""

    def with_one(paths: tuple[str, ...], **given: Any) -> Any:
        own = {field: given.pop(name) for name, field in _NAMES.items()}
        return command(inputs=Inputs(list(paths), **own), **given)

    with_one.__doc__ = command.__doc__
    with_one.__name__ = command.__name__
    # Options that the command already has, and those above it.
    with_one.__click_params__ = list(getattr(command, "__click_params__", []))  # type: ignore[attr-defined]
    wrapped: Callable[..., Any] = with_one
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


# Parameters and the fields they fill; `reference` is a setting with files of its own.
_NAMES = {
    "hypothesis": "hypothesis",
    "source": "source",
    "parallel_reference": "reference",
    "text_column": "text_column",
    "source_column": "source_column",
    "reference_column": "reference_column",
}
