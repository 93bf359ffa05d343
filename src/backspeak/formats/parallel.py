"""Parallel files, line by line: a hypothesis with its source and its reference, as WMT and sacreBLEU have them."""

from __future__ import annotations

from backspeak.data import Document
from backspeak.errors import InputError
from backspeak.formats.blocks import lines_of
from backspeak.formats.encoding import decode
from backspeak.formats.rows import RowReader

SOURCE_EXTENSION, REFERENCE_EXTENSION = ".src", ".ref"

NamedContent = tuple[str, bytes]


def read_parallel(
    content: bytes,
    name: str,
    source_lang: str | None = None,
    *,
    source: NamedContent | None = None,
    reference: NamedContent | None = None,
) -> Document:
    """Read a hypothesis of one segment a line, beside files of as many lines (given as name and content).

    Segment.location is the line. An empty line is a segment without words, so that the lines stay
    side by side. Raises InputError when the numbers of lines differ.
    """
    lines = _lines(content, name)
    beside = {
        field: _as_many(other, lines, name)
        for field, other in (("source", source), ("reference", reference))
        if other is not None
    }
    rows = RowReader(name, source_lang)
    for number, line in enumerate(lines, start=1):
        # RowReader knows an absent text from an empty one; an empty source is an absent one.
        rows.add(
            number, {"text": line} | {field: of[number - 1] for field, of in beside.items() if of[number - 1].strip()}
        )
    return rows.document


def read_hypothesis(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """A hypothesis by itself: no source, no reference."""
    return read_parallel(content, name, source_lang)


def _lines(content: bytes, name: str) -> list[str]:
    lines = lines_of(decode(content, name))
    return lines[:-1] if lines[-1] == "" else lines


def _as_many(other: NamedContent, lines: list[str], name: str) -> list[str]:
    other_name, content = other
    others = _lines(content, other_name)
    if len(others) != len(lines):
        raise InputError(
            f"has {len(others):,} lines, but {name} has {len(lines):,}; the two go side by side, line by line",
            other_name,
        )
    return others
