"""segments.csv: a row a flag, in UTF-8, formulas defused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from backspeak.outputs import Run
from backspeak.outputs.table import SEGMENT_COLUMNS, SPAN_COLUMNS, Cell, defused, rows
from backspeak.reports.files import replace_file
from backspeak.reports.visible import visible


def write(run: Run) -> list[Path]:
    """Write segments.csv."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(SEGMENT_COLUMNS + SPAN_COLUMNS)
    writer.writerows([_cell(cell) for cell in row] for row in rows(iter(run.checked)))
    path = run.folder / "segments.csv"
    replace_file(path, made.getvalue())
    return [path]


def _cell(cell: Cell) -> str | float | int:
    if cell is None:
        return ""
    return visible(defused(cell)) if isinstance(cell, str) else cell
