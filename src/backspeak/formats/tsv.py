"""TSV: one row is one segment, with or without its source."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from backspeak.data import Document, InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats.lines import Lines
from backspeak.formats.rows import KNOWN_FIELDS, TEXT_FIELDS, RowReader

_WITHOUT_HEADER = {1: ["text"], 2: ["source", "translation"]}
_OTHER_NAMES = ("target", "mt", "hypothesis", "hyp", "output", "original", "src", "tgt")


def read_tsv(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read tab-separated rows; fields are taken literally, quotation marks included.

    A header row names the columns: `translation` or `text`, and any of `id`, `source`, `source_lang`,
    `reference`; other columns go to Document.labels. Without one, a single column is the text and two
    are source and translation. A row with another number of fields is a problem with its line
    number. Raises InputError when the content is empty or not text, or the columns cannot be told.
    """
    rows = RowReader(name, source_lang)
    for _ in _fill(rows, Lines(io.BytesIO(content), name)):
        pass
    return rows.document


def stream_tsv(file: BinaryIO, name: str, source_lang: str | None = None) -> Iterator[Segment | InputProblem]:
    """The same as it is read, without the labels."""
    rows = RowReader(name, source_lang)
    for _ in _fill(rows, Lines(file, name)):
        yield from rows.drain()


def _fill(rows: RowReader, lines: Iterable[str]) -> Iterator[None]:
    """Add every row, and stop after each."""
    columns: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = line.split("\t")
        if columns is None:
            columns, is_header = _columns(fields, rows.document.name, number)
            if is_header:
                continue
        if len(fields) != len(columns):
            rows.problem(number, f"has {_fields(len(fields))}, expected {len(columns)} ({', '.join(columns)})")
        else:
            rows.add(number, _values(columns, fields))
        yield


def _columns(first: list[str], name: str, line: int) -> tuple[list[str], bool]:
    """The column names, and whether the first row gave them."""
    header = [field.strip().lower() for field in first]
    if any(field in header for field in TEXT_FIELDS):
        if len(set(header)) < len(header):
            raise InputError(f"the header names a column twice: {', '.join(header)}", name, line)
        return header, True
    if any(field in KNOWN_FIELDS + _OTHER_NAMES for field in header):
        raise InputError(
            f"the header ({', '.join(header)}) has no column named translation or text; rename the one to be checked",
            name,
            line,
        )
    if len(first) not in _WITHOUT_HEADER:
        raise InputError(
            f"has {_fields(len(first))} a row and no header; "
            f"name the columns in the first row, from: {', '.join(KNOWN_FIELDS)}",
            name,
            line,
        )
    return _WITHOUT_HEADER[len(first)], False


def _values(columns: list[str], fields: list[str]) -> dict[str, str]:
    """An empty field is an absent one, but for the text itself: that row is there, without words."""
    return {
        column: field for column, field in zip(columns, fields, strict=True) if field.strip() or column in TEXT_FIELDS
    }


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"
