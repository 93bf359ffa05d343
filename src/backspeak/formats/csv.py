"""CSV: one record is one segment, with or without its source."""

from __future__ import annotations

import csv
import io

from backspeak.data import Document
from backspeak.formats.columns import Columns, columns_of, counted, values_of
from backspeak.formats.encoding import decode
from backspeak.formats.rows import RowReader

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_FIELD = 1 << 30  # characters; longer texts than a judge takes are skipped, not lost


def read_csv(content: bytes, name: str, source_lang: str | None = None, columns: Columns | None = None) -> Document:
    """Read comma-separated records with quoted fields (RFC 4180), or separated as the first one is.

    Columns are found as in TSV. Segment.location is the line on which the record begins. A record with
    another number of fields is a problem; so is a quotation mark out of place, after which nothing can
    be told apart. Raises InputError when the content is empty or not text, or the columns cannot be told.
    """
    text = decode(content, name)
    rows = RowReader(name, source_lang)
    csv.field_size_limit(_LONGEST_FIELD)
    # Without strict, a quotation mark that is never closed would swallow the rest of the file unseen.
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    names: list[str] | None = None
    start = 1
    try:
        for fields in records:
            line, start = start, records.line_num + 1
            if not any(field.strip() for field in fields):
                continue
            if names is None:
                names, is_header = columns_of(fields, name, line, columns)
                if is_header:
                    continue
            if len(fields) != len(names):
                rows.problem(line, f"has {counted(len(fields))}, expected {len(names)} ({', '.join(names)})")
            else:
                rows.add(line, values_of(names, fields))
    except csv.Error as error:
        rows.problem(start, f"is not CSV from this record on ({error}); see to its quotation marks")
    return rows.document


def _delimiter(text: str) -> str:
    """The separator that the first record uses most, outside of quotation marks."""
    first = next(line for line in text.split("\n") if line.strip())[:10_000]
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=outside.count) if any(mark in outside for mark in _DELIMITERS) else ","
