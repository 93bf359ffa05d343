"""JSONL: one object a line is one segment."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from json import JSONDecodeError
from typing import BinaryIO

from backspeak.data import Document, InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats.lines import Lines
from backspeak.formats.rows import TEXT_FIELDS, RowReader


def read_jsonl(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read one segment a line: `{"translation" | "text"}` and, where known, `id`, `source`, `source_lang`,
    `reference`, `system`, `ignore`.

    `ignore` is a list of rules whose flags are accepted, or true for all. Other keys go to
    Document.labels under the segment's id. Blank lines are passed over; a line that is no such object is
    a problem with its line number. Raises InputError when the content is empty, not text, or one JSON
    array.
    """
    rows = RowReader(name, source_lang)
    for number, line in _objects(Lines(io.BytesIO(content), name), name):
        _add(rows, number, line)
    return rows.document


def stream_jsonl(file: BinaryIO, name: str, source_lang: str | None = None) -> Iterator[Segment | InputProblem]:
    """The same as it is read, without the labels."""
    rows = RowReader(name, source_lang)
    for number, line in _objects(Lines(file, name), name):
        _add(rows, number, line)
        yield from rows.drain()


def _objects(lines: Iterable[str], name: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, numbered from 1."""
    first = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if first and line.lstrip().startswith("["):
            raise InputError("is a JSON array; write one object a line: jq -c '.[]'", name)
        first = False
        yield number, line


def _add(rows: RowReader, number: int, line: str) -> None:
    try:
        value = json.loads(line)
    except JSONDecodeError as error:
        rows.problem(number, f"is not valid JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets without end
        rows.problem(number, f"is not usable JSON: {error}")
    else:
        if isinstance(value, dict):
            rows.add(number, value)
        else:
            rows.problem(number, "is not a JSON object")


def looks_like_jsonl(content: bytes) -> bool:
    """Whether the first line is an object with a text: prose never is."""
    first = content.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    if not first.startswith(b"{"):
        return False
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and any(field in value for field in TEXT_FIELDS)
