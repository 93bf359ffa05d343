"""report.xlsx: summary, segments and flags as three sheets. No cell is a formula, whatever its text."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from backspeak.outputs import Run
from backspeak.outputs.table import SEGMENT_COLUMNS, SPAN_COLUMNS, Cell, segment_cells, span_cells
from backspeak.outputs.wording import shortened
from backspeak.reports.files import replace_bytes
from backspeak.reports.visible import visible

_LONGEST_CELL = 32_767  # characters; the format holds no more
_MAX_ROWS = 1_048_575  # of a sheet, below its header
_EPOCH = datetime.datetime(2000, 1, 1)  # the same record gives the same bytes
_WIDTHS = {"text": 70, "source": 50, "reference": 50, "flagged": 30, "suggestions": 40, "document": 24, "location": 24}


def write(run: Run) -> list[Path]:
    """Write report.xlsx; a sheet that would be too long says on its last line that it goes on."""
    import xlsxwriter

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": "backspeak", "created": _EPOCH})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        _sheet(book, "Summary", ("name", "value"), _summary(run), bold, wrapped)
        _sheet(book, "Segments", SEGMENT_COLUMNS, (segment_cells(each) for each in run.checked), bold, wrapped)
        flags = (
            (each.segment.document, each.segment.id, each.segment.location, *span_cells(span), each.segment.text)
            for each in run.checked
            for span in each.spans
        )
        _sheet(book, "Flags", ("document", "id", "location", *SPAN_COLUMNS, "text"), flags, bold, wrapped)
    path = run.folder / "report.xlsx"
    replace_bytes(path, made.getvalue())
    return [path]


def _summary(run: Run) -> list[tuple[Cell, ...]]:
    shown: list[tuple[Cell, ...]] = []
    for name in ("score", "segments", "flagged", "skipped", "failed", "severities", "categories", "signature"):
        value = run.summary.get(name)
        if isinstance(value, dict):
            shown += [(f"{name}: {key}", each) for key, each in value.items() if isinstance(each, str | int | float)]
        elif isinstance(value, str | int | float):
            shown.append((name, value))
    return shown


def _sheet(
    book: Any, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], bold: Any, wrapped: Any
) -> None:
    sheet = book.add_worksheet(title)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, bold)
        sheet.set_column(at, at, _WIDTHS.get(column, 12))
    sheet.freeze_panes(1, 0)
    last = 0
    for number, row in enumerate(rows, start=1):
        if number == _MAX_ROWS:
            sheet.write_string(number, 0, "more rows than a sheet holds: see segments.csv")
            break
        last = number
        for at, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, at, shortened(visible(cell), _LONGEST_CELL), wrapped)
            elif cell is not None:
                sheet.write_number(number, at, cell)
    sheet.autofilter(0, 0, last, len(columns) - 1)
