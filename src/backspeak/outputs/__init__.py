"""Outputs for other programs, rendered from the record of a run: spreadsheets, translation tools, CI.

    OUTPUTS          format -> the module that writes it
    wording.py       a flag in one line, as every format says it
    csv, xlsx        for a spreadsheet
    mqm, xliff       for translation tools
    sarif, junit, github, markdown
                     for continuous integration

A format is a module with `write(run) -> paths` and one line in OUTPUTS. Everything is rendered from
segments.jsonl and summary.json; no model is loaded, and the same record always gives the same bytes.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backspeak.data import CheckedSegment

OUTPUTS = {
    "csv": "a row a flag, for any spreadsheet (segments.csv)",
    "xlsx": "summary, segments and flags as sheets (report.xlsx)",
    "mqm": "error spans in the columns of the WMT MQM data (mqm.tsv)",
    "xliff": "copies of the XLIFF inputs with ITS 2.0 annotations (annotated/)",
    "sarif": "SARIF 2.1.0, for code scanning (report.sarif)",
    "junit": "JUnit XML, for test reports (junit.xml)",
    "github": "annotations for GitHub Actions, also printed (github.txt)",
    "markdown": "a summary for a pull request (summary.md)",
}


@dataclass(frozen=True)
class Run:
    """What there is to render: the record in `folder`. `inputs` says where a document was read from."""

    folder: Path
    checked: Sequence[CheckedSegment]
    summary: Mapping[str, Any]
    inputs: Mapping[str, Path] = field(default_factory=dict)

    def documents(self) -> dict[str, list[CheckedSegment]]:
        """The segments by document, in input order."""
        grouped: dict[str, list[CheckedSegment]] = {}
        for each in self.checked:
            grouped.setdefault(each.segment.document, []).append(each)
        return grouped


def write(
    folder: Path | str, formats: Iterable[str], *, inputs: Mapping[str, Path] | None = None
) -> dict[str, list[Path]]:
    """Render the record in `folder` in these formats, into the same folder; returns what was written.

    `inputs` maps document names to the files they were read from; a name that is not in it is taken
    as a path. Raises InputError for a record or an input that cannot be read, OutputError for a
    result that cannot be written, KeyError for a format that there is not.
    """
    from backspeak.reports.record import read_segments, read_summary

    wanted = list(dict.fromkeys(formats))
    if not wanted:
        return {}
    folder = Path(folder)
    run = Run(
        folder, list(read_segments(folder / "segments.jsonl")), read_summary(folder / "summary.json"), inputs or {}
    )
    return {name: _module(name).write(run) for name in wanted}


def _module(name: str) -> Any:
    if name not in OUTPUTS:
        raise KeyError(name)
    return importlib.import_module(f"backspeak.outputs.{name}")
