"""The phrase tables: one entry a line, tab-separated, checked when read.

Every `*.tsv` file in the folder but the irregular forms is a table with the columns below.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import overload

from backspeak.data import CATEGORIES, SEVERITIES, Severity
from backspeak.errors import InputError
from backspeak.phrasebank.inflection import IRREGULAR_TABLE, Inflector
from backspeak.phrasebank.pattern import Pattern, PatternError, split_items
from backspeak.phrasebank.rendering import FORMS, NUMBERED, reformed
from backspeak.phrasebank.tokens import tokenise

COLUMNS = ("phrase", "reference", "category", "severity", "source_langs", "confidence", "example", "note")

_SHOWN = {"$det": "a", "$adv": "", "$poss": "one's", "$pro": "someone", "$num": "five", "...": "…"}


@dataclass(frozen=True)
class Entry:
    """One phrase that gives a translation away, and how the same thing is said in English."""

    table: str
    line: int
    phrase: str  # in the language of `pattern`
    references: tuple[str, ...]  # natural phrasings, best first; $det and ... stand for what matched
    category: str
    severity: Severity
    source_langs: tuple[str, ...]
    confidence: float
    example: str
    note: str
    path: str = ""  # of the table, for messages

    @cached_property
    def slug(self) -> str:
        """The entry's name in a rule id: its words, first alternatives only."""
        plain = unicodedata.normalize("NFKD", self.shown_phrase.lower()).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

    @property
    def rule(self) -> str:
        """Stable id of the entry, under which a reader can switch it off."""
        return f"phrase-bank.{self.table}.{self.slug}"

    @cached_property
    def shown_phrase(self) -> str:
        """The phrase as a reader would write it: "make a photo"."""
        return _readable(self.phrase)

    @cached_property
    def shown_references(self) -> tuple[str, ...]:
        """The natural phrasings as a reader would write them."""
        return tuple(_readable_reference(reference, self.phrase) for reference in self.references)


def _readable(pattern: str) -> str:
    """A pattern without its machinery; a text that is not a pattern comes back as it was."""
    return " ".join(word for word in map(_shown_item, pattern.split()) if word)


def _shown_item(item: str) -> str:
    if item.startswith("!") or item == "^" or (item.endswith("?") and len(item) > 1):
        return ""
    if item.startswith(("(", "=(")):
        item = item.strip("=()").split("|")[0]
    return _SHOWN.get(item, item.removeprefix("="))


def _readable_reference(reference: str, phrase: str) -> str:
    items = [_shown_item(item) for item in phrase.replace("-", " ").split() if not item.startswith(("!", "^"))]

    def shown(found: re.Match[str]) -> str:
        number = int(found.group(1))
        return reformed(items[number - 1], found.group(2), Inflector()) if number <= len(items) else found.group()

    return _readable(NUMBERED.sub(shown, reference))


def table_paths(folder: Path) -> list[Path]:
    """The phrase tables of a folder, in a stable order."""
    return sorted(path for path in folder.glob("*.tsv") if path.name != IRREGULAR_TABLE)


def read_table(path: Path) -> list[Entry]:
    """The entries of one table; InputError names the line and what to do about it."""
    return list(Rows([path]))


class Rows(Sequence[Entry]):
    """The entries of tables, each parsed when it is first asked for: most are never matched by a text."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._lines: list[tuple[Path, list[str], int, str]] = []
        for path in paths:
            header, lines = _read_lines(path)
            self._lines += [(path, header, number, line) for number, line in lines]
        self._parsed: list[Entry | None] = [None] * len(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        entry = self._parsed[index]
        if entry is None:
            entry = self._parsed[index] = _parse(*self._lines[index])
        return entry


def _read_lines(path: Path) -> tuple[list[str], list[tuple[int, str]]]:
    """The columns of a table, and its lines with their numbers."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8; save the table as UTF-8", str(path)) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(path)) from error
    header = lines[0].split("\t") if lines else []
    if missing := [column for column in COLUMNS if column not in header]:
        raise InputError(f"no column {', '.join(missing)}; the first line must name {' '.join(COLUMNS)}", str(path), 1)
    return header, [(number, line) for number, line in enumerate(lines[1:], start=2) if line.strip()]


def _parse(path: Path, header: list[str], number: int, line: str) -> Entry:
    cells = line.split("\t")
    if len(cells) != len(header):
        message = f"{len(cells)} cells instead of {len(header)}; separate the columns by single tabs"
        raise InputError(message, str(path), number)
    return _entry(path, number, [cells[header.index(column)].strip() for column in COLUMNS])


def _entry(path: Path, number: int, cells: list[str]) -> Entry:
    phrase, reference, category, severity, langs, confidence, example, note = cells

    def fail(message: str) -> InputError:
        return InputError(message, str(path), number)

    references = tuple(part.strip() for part in reference.split("|") if part.strip())
    if not phrase:
        raise fail("the phrase is empty; write the wording to be found, or delete the line")
    if not references:
        raise fail(f"no reference for {phrase!r}; write the natural wording")
    if category not in CATEGORIES:
        raise fail(f"unknown category {category!r}; use one of {', '.join(CATEGORIES)}")
    if severity not in SEVERITIES:
        raise fail(f"unknown severity {severity!r}; use one of {', '.join(SEVERITIES)}")
    try:
        probability = float(confidence)
    except ValueError:
        probability = -1.0
    if not 0 < probability <= 1:
        raise fail(f"confidence {confidence!r} is not a probability; write a number above 0 and up to 1")
    source_langs = tuple(lang.strip() for lang in langs.split(",") if lang.strip())
    return Entry(
        path.stem,
        number,
        phrase,
        references,
        category,
        severity,
        source_langs,
        probability,
        example,
        note,
        str(path),
    )


def check_entries(entries: Sequence[Entry], inflector: Inflector, trusted: int = 0) -> None:
    """What is too slow to check at every start: duplicates, and whether each example holds its phrase.

    The first `trusted` entries are only what the others are compared with.
    """
    seen: dict[str, Entry] = {}
    rules: dict[str, Entry] = {}
    for place, entry in enumerate(entries):
        path = entry.path
        if place < trusted:
            seen[_key(entry.phrase)] = rules[entry.rule] = entry
            continue
        try:
            pattern = Pattern(entry.phrase, inflector)
            key = _key(entry.phrase)
        except PatternError as error:
            raise InputError(f"the phrase {entry.phrase!r} cannot be used: {error}", path, entry.line) from error
        for number, form in NUMBERED.findall(" ".join(entry.references)):
            if int(number) > sum(item.counts for item in pattern.items):
                raise InputError(f"${number}: the phrase {entry.phrase!r} has fewer items", path, entry.line)
            if form and form not in FORMS:
                message = f"${number}:{form}: there is no such form; there are {', '.join(FORMS)}"
                raise InputError(message, path, entry.line)
        if entry.shown_phrase in entry.shown_references:
            message = f"the reference of {entry.phrase!r} is the phrase itself; write the natural wording"
            raise InputError(message, path, entry.line)
        if (other := seen.setdefault(key, entry)) is not entry:
            message = f"{entry.phrase!r} is already in {other.table}.tsv, line {other.line}; delete one of the two"
            raise InputError(message, path, entry.line)
        if (other := rules.setdefault(entry.rule, entry)) is not entry:
            message = f"the id {entry.rule} is already that of line {other.line}; put another alternative first"
            raise InputError(message, path, entry.line)
        tokens = tokenise(entry.example)
        if not any(pattern.match_at(tokens, index) for index in range(len(tokens))):
            message = f"the example does not hold the phrase {entry.phrase!r}; write a sentence in which it stands"
            raise InputError(message, path, entry.line)


def _key(phrase: str) -> str:
    return " ".join(split_items(phrase)).lower()
