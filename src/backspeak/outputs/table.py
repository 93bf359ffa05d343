"""What spreadsheets show of a run: columns and rows, safe to open."""

from __future__ import annotations

from collections.abc import Iterator

from backspeak.data import CheckedSegment, ErrorSpan

Cell = str | float | int | None

SEGMENT_COLUMNS = (
    "document", "id", "location", "status", "reason", "score", "error_probability", "text", "source", "source_lang",
    "reference",
)  # fmt: skip
SPAN_COLUMNS = ("start", "end", "flagged", "category", "severity", "confidence", "rule", "suggestions")

# What a spreadsheet program takes for the start of a formula, and the characters it skips before one.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def defused(text: str) -> str:
    """`text` as a cell that is never run as a formula: an apostrophe goes before one."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def segment_cells(checked: CheckedSegment) -> tuple[Cell, ...]:
    """One cell a column of SEGMENT_COLUMNS."""
    segment = checked.segment
    return (
        segment.document, segment.id, segment.location, checked.status, checked.reason, checked.score,
        checked.error_probability, segment.text, segment.source, segment.source_lang, segment.reference,
    )  # fmt: skip


def span_cells(span: ErrorSpan) -> tuple[Cell, ...]:
    """One cell a column of SPAN_COLUMNS; offsets are code points."""
    return (
        span.start, span.end, span.text, span.category, span.severity, span.confidence, span.rule,
        " | ".join(span.suggestions),
    )  # fmt: skip


def rows(checked: Iterator[CheckedSegment]) -> Iterator[tuple[Cell, ...]]:
    """A row a flag; a segment without flags has one row with empty cells for them."""
    nothing = (None,) * len(SPAN_COLUMNS)
    for each in checked:
        for cells in [span_cells(span) for span in each.spans] or [nothing]:
            yield segment_cells(each) + cells
