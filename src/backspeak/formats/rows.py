"""Rows that are segments as they stand (JSONL lines, TSV rows): checked, never cut into sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from backspeak.data import Document, InputProblem, Segment
from backspeak.formats.language import language_reason, no_words_reason

MAX_LENGTH = 20_000  # characters of a row's text

TEXT_FIELDS = ("translation", "text")  # the first one present is what is checked
KNOWN_FIELDS = (*TEXT_FIELDS, "id", "source", "source_lang", "reference", "ignore", "system")


class RowReader:
    """Collects rows into `document`; a row that is not usable becomes a problem with its line.

    Who reads a stream takes out with `drain` what has come in, so that memory stays constant.
    """

    def __init__(self, name: str, source_lang: str | None) -> None:
        self.document = Document(name)
        self._source_lang = source_lang
        self._seen = _SeenIds()

    def problem(self, line: int, message: str) -> None:
        self.document.problems.append(InputProblem(self.document.name, message, line))

    def drain(self) -> Iterator[Segment | InputProblem]:
        """The segments and problems since the last call; they leave `document`, as the labels do."""
        items: list[Segment | InputProblem] = [*self.document.segments, *self.document.problems]
        self.document.segments.clear()
        self.document.problems.clear()
        self.document.labels.clear()
        return iter(items)

    def add(self, line: int, values: Mapping[str, Any]) -> None:
        """Turn the values of one row into a Segment; without an id, its line number is the id.

        Values under other keys than KNOWN_FIELDS go to `document.labels`.
        """
        text_field = next((field for field in TEXT_FIELDS if values.get(field) is not None), None)
        if text_field is None:
            self.problem(line, 'has neither "translation" nor "text"')
            return
        complaint = _complaint(values, text_field)
        if complaint is not None:
            self.problem(line, complaint)
            return
        given_id = values.get("id")
        segment_id = str(line) if given_id is None else str(given_id)
        used = self._seen.line_of(segment_id, line)
        if used is not None:
            self.problem(line, f'id "{segment_id}" is already used on line {used}; row left out')
            return
        self._append(segment_id, line, values, text_field)

    def _append(self, segment_id: str, line: int, values: Mapping[str, Any], text_field: str) -> None:
        text, source = values[text_field], values.get("source")
        self.document.segments.append(
            Segment(
                document=self.document.name,
                id=segment_id,
                text=text,
                source=source,
                source_lang=None if source is None else values.get("source_lang") or self._source_lang,
                reference=values.get("reference"),
                location=f"line {line}",
                skip=skip_reason(text, source),
                ignore=_ignored(values.get("ignore")) or (),
                system=values.get("system"),
            )
        )
        labels = {key: value for key, value in values.items() if key not in KNOWN_FIELDS}
        if labels:
            self.document.labels[segment_id] = labels


class _SeenIds:
    """The ids of a file and their lines: a private SQLite database, which moves to disk as it grows."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("PRAGMA synchronous = OFF")
        self._rows.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._rows.execute("BEGIN")

    def line_of(self, segment_id: str, line: int) -> int | None:
        """The line that used the id before; None for a new one, which is then used on `line`."""
        added = self._rows.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (segment_id, line)).rowcount
        if added:
            return None
        return int(self._rows.execute("SELECT line FROM seen WHERE id = ?", (segment_id,)).fetchone()[0])


def _complaint(values: Mapping[str, Any], text_field: str) -> str | None:
    if not isinstance(values.get("id"), str | int | None) or isinstance(values.get("id"), bool):
        return f'"id" must be a string or a whole number, not {type(values["id"]).__name__}'
    for field in (text_field, "source", "source_lang", "reference", "system"):
        value = values.get(field)
        if value is not None and not isinstance(value, str):
            return f'"{field}" must be a string, not {type(value).__name__}'
        if value is not None and any("\ud800" <= char <= "\udfff" for char in value):
            return f'"{field}" holds half a character (a lone surrogate)'
    if _ignored(values.get("ignore")) is None:
        return '"ignore" must be a list of rules, or true for all'
    return None


def _ignored(value: Any) -> tuple[str, ...] | None:
    """Rules from the value of `ignore`: a list, true, or (in a table) a text with commas; None for others."""
    if value is None or value is False:
        return ()
    if value is True:
        return ("*",)
    if isinstance(value, str):
        return tuple(rule.strip() for rule in value.split(",") if rule.strip())
    return tuple(value) if isinstance(value, list) and all(isinstance(rule, str) for rule in value) else None


def skip_reason(text: str, source: str | None) -> str | None:
    """Why a segment of a table or of a translation file is not checked, or None.

    Rows are not judged as page furniture, and beside a source a text that is not English is an
    untranslated segment: a finding, not a reason to look away."""
    if len(text) > MAX_LENGTH:
        return f"longer than {MAX_LENGTH:,} characters"
    return no_words_reason(text) if source is not None else language_reason(text)
