"""github.txt: workflow commands, which GitHub Actions shows beside the lines they name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from backspeak.data import SEVERITIES
from backspeak.outputs import Run
from backspeak.outputs.wording import line_of, message, one_line
from backspeak.reports.files import replace_file

COMMANDS = {"critical": "error", "major": "warning", "minor": "notice"}


def write(run: Run) -> list[Path]:
    """Write github.txt. The runner shows what is printed: the command line prints the file too."""
    path = run.folder / "github.txt"
    replace_file(path, "".join(f"{line}\n" for line in _commands(run)))
    return [path]


def _commands(run: Run) -> Iterator[str]:
    """The gravest first: the runner shows ten of a kind and drops the rest."""
    flags = [(each, span) for each in run.checked for span in each.spans]
    for each, span in sorted(flags, key=lambda flag: (-SEVERITIES.index(flag[1].severity), -flag[1].confidence)):
        properties = [f"file={_property(each.segment.document)}"]
        line = line_of(each.segment)
        if line is not None:
            properties.append(f"line={line}")
        properties.append(f"title={_property(f'{span.severity} {span.category}')}")
        where = "" if line is not None else f" (segment {one_line(each.segment.location or each.segment.id)})"
        yield f"::{COMMANDS[span.severity]} {','.join(properties)}::{_data(message(span) + where)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
