"""JSONL: one object a line is one segment."""

from __future__ import annotations

import json
from json import JSONDecodeError

from backspeak.data import Document
from backspeak.errors import InputError
from backspeak.formats.blocks import lines_of
from backspeak.formats.encoding import decode
from backspeak.formats.rows import TEXT_FIELDS, RowReader


def read_jsonl(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read one segment a line: `{"translation" | "text"}` and, where known, `id`, `source`, `source_lang`,
    `reference`, `system`, `ignore`.

    `ignore` is a list of rules whose flags are accepted, or true for all. Other keys go to
    Document.labels under the segment's id. Blank lines are passed over; a line that is no such object is
    a problem with its line number. Raises InputError when the content is empty, not text, or one JSON
    array.
    """
    text = decode(content, name)
    if text.lstrip().startswith("["):
        raise InputError("is a JSON array; write one object a line: jq -c '.[]'", name)
    rows = RowReader(name, source_lang)
    for number, line in enumerate(lines_of(text), start=1):
        if not line.strip():
            continue
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
    return rows.document


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
