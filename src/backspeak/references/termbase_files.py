"""Termbases as files: concepts with their source terms and their English terms, wanted and unwanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backspeak.errors import InputError
from backspeak.references.tables import is_english, is_language_code, read_rows
from backspeak.references.untrusted_xml import language_of, local_name, text_of, units

if TYPE_CHECKING:
    from lxml.etree import _Element

_TERM_COLUMNS = ("term", "target", "translation", "preferred", "required", "english")
_FORBIDDEN_COLUMNS = ("forbidden", "deprecated")
_SOURCE_COLUMNS = ("source", "source_term", "original")
_NOTE_COLUMNS = ("note", "definition", "description", "comment")
_OTHER_COLUMNS = ("id", "source_lang", "target_lang", "pos", "domain", "subject")

# administrativeStatus of ISO 12620 with and without its suffix, and what TBX-Basic calls it.
_FORBIDDEN_STATUS = re.compile(r"(?:deprecated|superseded|forbidden|obsolete|notrecommended)", re.IGNORECASE)
_PREFERRED_STATUS = re.compile(r"preferred|standardized", re.IGNORECASE)

_LONGEST_TERM = 200  # characters
MAX_CONCEPTS = 200_000


@dataclass(frozen=True)
class Concept:
    """One meaning: its terms in source languages as (language or None, term), and in English.

    `terms` are allowed, the preferred one first; `forbidden` ones are not to be used for this meaning.
    """

    sources: tuple[tuple[str | None, str], ...]
    terms: tuple[str, ...]
    forbidden: tuple[str, ...]
    note: str


def read_concepts(path: Path) -> list[Concept]:
    """The concepts of a TBX, TSV or CSV file, in order.

    Raises InputError for an unknown extension, a malformed file, and a file without an English term.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"is no termbase that can be read; known are {', '.join(sorted(_READERS))}", str(path))
    concepts: list[Concept] = []
    for concept in reader(path):
        concepts.append(concept)
        if len(concepts) > MAX_CONCEPTS:
            raise InputError(f"has more than {MAX_CONCEPTS:,} concepts; leave out what is not used", str(path))
    if not concepts:
        raise InputError("has no English term", str(path))
    return concepts


def _tbx(path: Path) -> Iterator[Concept]:
    for entry in units(path, {"termEntry", "conceptEntry"}, ("martif", "tbx")):
        sources: list[tuple[str | None, str]] = []
        allowed: list[tuple[bool, str]] = []
        forbidden: list[str] = []
        for section in _below(entry, "langSet", "langSec"):
            language = language_of(section)
            if language is None:
                message = f"has a <{local_name(section)}> without xml:lang; export it again"
                raise InputError(message, str(path), section.sourceline)
            for group in _below(section, "tig", "ntig", "termSec"):
                term = next((text_of(each) for each in group.iter() if local_name(each) == "term"), "")
                if not term:
                    raise InputError("has a term without text; delete it", str(path), group.sourceline)
                _check_term(term, path, group.sourceline)
                status = _status(group)
                if not is_english(language):
                    if not _FORBIDDEN_STATUS.match(status):
                        sources.append((language, term))
                elif _FORBIDDEN_STATUS.match(status):
                    forbidden.append(term)
                else:
                    allowed.append((not _PREFERRED_STATUS.match(status), term))
        if allowed or forbidden:
            terms = [term for _, term in sorted(allowed, key=lambda pair: pair[0])]
            note = next((text_of(each) for each in _below(entry, "descrip", "descripGrp", "note")), "")
            yield _concept(sources, terms, forbidden, note, path, entry.sourceline)


def _below(element: _Element, *names: str) -> list[_Element]:
    return [each for each in element.iter() if local_name(each) in names and each is not element]


def _status(group: _Element) -> str:
    for each in _below(group, "termNote"):
        if (each.get("type") or "").lower() in ("administrativestatus", "normativeauthorization", "status"):
            return text_of(each).replace(" ", "").replace("-", "")
    # The dialects "data category as tag name" have an element of that name.
    return next((text_of(each) for each in _below(group, "administrativeStatus")), "").replace("-", "")


def _table(path: Path) -> Iterator[Concept]:
    rows = read_rows(path)
    line, first = next(rows)
    header = [cell.lower() for cell in first]
    columns = _columns(header)
    if columns is None:
        if len(first) not in (1, 2):
            message = "name the columns in the first row: source, term, forbidden, note"
            raise InputError(f"has {len(first)} columns and no header; {message}", str(path), line)
        columns = {"term": 0} if len(first) == 1 else {"source": 0, "term": 1}
        header = []
        yield _row_concept(first, columns, header, path, line)
    for line, cells in rows:
        if len(cells) != len(first):
            message = f"has {len(cells)} cells, the first row has {len(first)}; write an empty cell for what is missing"
            raise InputError(message, str(path), line)
        yield _row_concept(cells, columns, header, path, line)


def _columns(header: list[str]) -> dict[str, int] | None:
    """Which column is what, or None where the first row is no header."""
    found: dict[str, int] = {}
    for at, name in enumerate(header):
        if name in _TERM_COLUMNS or (is_language_code(name) and is_english(name)):
            found.setdefault("term", at)
        elif name in _FORBIDDEN_COLUMNS:
            found.setdefault("forbidden", at)
        elif name in _NOTE_COLUMNS:
            found.setdefault("note", at)
        elif name in _OTHER_COLUMNS:
            found.setdefault(name, at)
        elif name in _SOURCE_COLUMNS:
            found["source"] = at
    languages = [at for at, name in enumerate(header) if is_language_code(name) and at not in found.values()]
    if "source" not in found and languages:
        found["source"] = languages[0]
    return found if "term" in found or "forbidden" in found else None


def _row_concept(cells: list[str], columns: dict[str, int], header: list[str], path: Path, line: int) -> Concept:
    def cell(name: str) -> str:
        return cells[columns[name]] if name in columns else ""

    def alternatives(name: str) -> list[str]:
        terms = [" ".join(part.split()) for part in cell(name).split("|")]
        for term in terms:
            _check_term(term, path, line)
        return [term for term in terms if term]

    terms, forbidden = alternatives("term"), alternatives("forbidden")
    if not terms and not forbidden:
        raise InputError("names no English term; fill the column in or delete the row", str(path), line)
    language = cell("source_lang").lower() or None
    if language is None and header and "source" in columns and is_language_code(header[columns["source"]]):
        language = header[columns["source"]]
    sources = [(language, term) for term in alternatives("source")]
    return _concept(sources, terms, forbidden, cell("note"), path, line)


def _concept(
    sources: list[tuple[str | None, str]],
    terms: list[str],
    forbidden: list[str],
    note: str,
    path: Path,
    line: int | None,
) -> Concept:
    both = [term for term in forbidden if term in terms]
    if both:
        raise InputError(f"both allows and forbids {both[0]!r}; delete one of the two", str(path), line)
    return Concept(
        tuple(dict.fromkeys(sources)),
        tuple(dict.fromkeys(terms)),
        tuple(dict.fromkeys(forbidden)),
        note,
    )


def _check_term(term: str, path: Path, line: int | None) -> None:
    if len(term) > _LONGEST_TERM:
        raise InputError(f"has a term of more than {_LONGEST_TERM} characters: {term[:40]!r} …", str(path), line)


_READERS: dict[str, Callable[[Path], Iterator[Concept]]] = {".tbx": _tbx, ".tsv": _table, ".csv": _table}
