"""TSV: one row is one segment, with or without its source."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from backspeak.data import Document, InputProblem, Segment
from backspeak.formats.columns import Columns, columns_of, counted, values_of
from backspeak.formats.lines import Lines
from backspeak.formats.rows import RowReader


def read_tsv(content: bytes, name: str, source_lang: str | None = None, columns: Columns | None = None) -> Document:
    """Read tab-separated rows; fields are taken literally, quotation marks included.

    A header row names the columns: `translation` or `text`, and any of `id`, `source`, `source_lang`,
    `reference`, `ignore`; other columns go to Document.labels. Without one, a single column is the text
    and two are source and translation. `columns` chooses others. A row with another number of fields is
    a problem with its line number. Raises InputError when the content is empty or not text, or the
    columns cannot be told.
    """
    rows = RowReader(name, source_lang)
    for _ in _fill(rows, Lines(io.BytesIO(content), name), columns):
        pass
    return rows.document


def stream_tsv(
    file: BinaryIO, name: str, source_lang: str | None = None, columns: Columns | None = None
) -> Iterator[Segment | InputProblem]:
    """The same as it is read, without the labels."""
    rows = RowReader(name, source_lang)
    for _ in _fill(rows, Lines(file, name), columns):
        yield from rows.drain()


def _fill(rows: RowReader, lines: Iterable[str], columns: Columns | None) -> Iterator[None]:
    """Add every row, and stop after each."""
    names: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = line.split("\t")
        if names is None:
            names, has_header = columns_of(fields, rows.document.name, number, columns)
            if has_header:
                continue
        if len(fields) != len(names):
            rows.problem(number, f"has {counted(len(fields))}, expected {len(names)} ({', '.join(names)})")
        else:
            rows.add(number, values_of(names, fields))
        yield
