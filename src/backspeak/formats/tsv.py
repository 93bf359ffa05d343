"""TSV: one row is one segment, with or without its source."""

from __future__ import annotations

from backspeak.data import Document
from backspeak.formats.blocks import lines_of
from backspeak.formats.columns import Columns, columns_of, counted, values_of
from backspeak.formats.encoding import decode
from backspeak.formats.rows import RowReader


def read_tsv(content: bytes, name: str, source_lang: str | None = None, columns: Columns | None = None) -> Document:
    """Read tab-separated rows; fields are taken literally, quotation marks included.

    A header row names the columns: `translation` or `text`, and any of `id`, `source`, `source_lang`,
    `reference`, `ignore`; other columns go to Document.labels. Without one, a single column is the text
    and two are source and translation. `columns` chooses others. A row with another number of fields is
    a problem with its line number. Raises InputError when the content is empty or not text, or the
    columns cannot be told.
    """
    lines = [(number, line) for number, line in enumerate(lines_of(decode(content, name)), start=1) if line.strip()]
    names, has_header = columns_of(lines[0][1].split("\t"), name, lines[0][0], columns)
    rows = RowReader(name, source_lang)
    for number, line in lines[has_header:]:
        fields = line.split("\t")
        if len(fields) != len(names):
            rows.problem(number, f"has {counted(len(fields))}, expected {len(names)} ({', '.join(names)})")
        else:
            rows.add(number, values_of(names, fields))
    return rows.document
