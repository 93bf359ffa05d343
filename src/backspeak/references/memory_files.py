"""Translation memories as files: every approved English sentence with its source, as a stream.

Languages are taken from the file; whichever side is English is the approved sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backspeak.errors import InputError
from backspeak.references.tables import is_english, is_language_code, read_rows
from backspeak.references.untrusted_xml import language_of, local_name, text_of, units

if TYPE_CHECKING:
    from lxml.etree import _Element

Progress = Callable[[int], None] | None

_ENGLISH_COLUMNS = ("target", "translation", "text", "english")
_SOURCE_COLUMNS = ("source", "original")
_ID_COLUMNS = ("id", "tuid")
# States of XLIFF in which nobody has approved the target yet.
_UNFINISHED = ("new", "initial", "needs-")


@dataclass(frozen=True)
class TranslationUnit:
    """An approved English sentence and what it translates, where that is known."""

    text: str
    source: str | None
    source_lang: str | None
    id: str | None


def read_units(path: Path, progress: Progress = None) -> Iterator[TranslationUnit]:
    """The units of a TMX, XLIFF, TSV or CSV file in order; `progress` gets bytes read.

    Raises InputError for an unknown extension, a malformed file, and a file without English.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(_READERS))
        raise InputError(f"is no translation memory that can be read; known are {known}", str(path))
    found = False
    for unit in reader(path, progress):
        if unit.text:
            found = True
            yield unit
    if not found:
        raise InputError("holds no approved English sentence", str(path))


def _tmx(path: Path, progress: Progress) -> Iterator[TranslationUnit]:
    seen: set[str] = set()
    found = False
    for unit in units(path, {"tu"}, ("tmx",), progress):
        english: list[str] = []
        source: str | None = None
        source_lang: str | None = None
        for variant in unit:
            if local_name(variant) != "tuv":
                continue
            segment = next((each for each in variant if local_name(each) == "seg"), None)
            language = language_of(variant)
            if segment is None or language is None:
                missing = "a <seg>" if segment is None else "xml:lang"
                raise InputError(f"has a <tuv> without {missing}; export it again", str(path), variant.sourceline)
            seen.add(language)
            if is_english(language):
                english.append(text_of(segment))
            elif source is None:
                source, source_lang = text_of(segment), language
        for text in english:
            found = True
            yield TranslationUnit(text, source, source_lang, unit.get("tuid"))
    if not found:
        raise _no_english(path, seen)


def _xliff(path: Path, progress: Progress) -> Iterator[TranslationUnit]:
    seen: set[str] = set()
    found = False
    for unit in units(path, {"trans-unit", "segment"}, ("xliff",), progress):
        source_lang, target_lang = _languages(unit)
        if source_lang is None:
            message = "does not say its languages; set source-language and target-language"
            raise InputError(message, str(path), unit.sourceline)
        seen |= {each for each in (source_lang, target_lang) if each}
        parts = {local_name(child): child for child in unit if local_name(child) in ("source", "target")}
        texts = {name: text_of(child) for name, child in parts.items()}
        identifier = unit.get("id") or (unit.getparent().get("id") if unit.getparent() is not None else None)
        if is_english(source_lang):
            found = True
            yield TranslationUnit(texts.get("source", ""), None, None, identifier)
        elif target_lang is not None and is_english(target_lang):
            found = True
            if "target" in parts and _is_approved(unit, parts["target"]):
                yield TranslationUnit(texts["target"], texts.get("source"), source_lang, identifier)
    if not found:
        raise _no_english(path, seen)


def _languages(unit: _Element) -> tuple[str | None, str | None]:
    """Source and target language: of the <file> in XLIFF 1.2, of the root in 2.x."""
    for element in unit.iterancestors():
        source = element.get("source-language") or element.get("srcLang")
        if source:
            target = element.get("target-language") or element.get("trgLang")
            return source.lower(), target.lower() if target else None
    return None, None


def _is_approved(unit: _Element, target: _Element) -> bool:
    state = target.get("state") or unit.get("state") or ""
    return unit.get("approved", "yes") != "no" and not state.startswith(_UNFINISHED)


def _table(path: Path, progress: Progress) -> Iterator[TranslationUnit]:
    rows = read_rows(path, progress)
    line, first = next(rows)
    columns = _columns([cell.lower() for cell in first])
    if columns is None:
        columns, source_lang = _unnamed(first, path, line), None
        yield _row_unit(first, columns, source_lang)
    else:
        source_lang = first[columns["source"]].lower() if "source" in columns else None
        source_lang = None if source_lang in _SOURCE_COLUMNS else source_lang
    for line, cells in rows:
        if len(cells) != len(first):
            message = f"has {len(cells)} cells, the first row has {len(first)}; separate the columns by single tabs"
            raise InputError(message, str(path), line)
        yield _row_unit(cells, columns, source_lang)


def _columns(header: list[str]) -> dict[str, int] | None:
    """Which column is what, or None where the first row is no header."""
    found: dict[str, int] = {}
    for at, name in enumerate(header):
        if name in _ENGLISH_COLUMNS or (is_language_code(name) and is_english(name)):
            found.setdefault("text", at)
        elif name in _ID_COLUMNS:
            found.setdefault("id", at)
        elif name in _SOURCE_COLUMNS:
            found["source"] = at
    languages = [at for at, name in enumerate(header) if is_language_code(name) and at not in found.values()]
    if "source" not in found and languages:
        found["source"] = languages[0]
    return found if "text" in found else None


def _unnamed(cells: list[str], path: Path, line: int) -> dict[str, int]:
    if len(cells) == 1:
        return {"text": 0}
    if len(cells) == 2:
        return {"source": 0, "text": 1}
    message = f"has {len(cells)} columns and no header; name the columns in the first row: source, target, id"
    raise InputError(message, str(path), line)


def _row_unit(cells: list[str], columns: dict[str, int], source_lang: str | None) -> TranslationUnit:
    def cell(name: str) -> str | None:
        return " ".join(cells[columns[name]].split()) or None if name in columns else None

    return TranslationUnit(cell("text") or "", cell("source"), source_lang, cell("id"))


def _no_english(path: Path, seen: set[str]) -> InputError:
    there = f"its languages are {', '.join(sorted(seen))}" if seen else "it holds no unit"
    return InputError(f"has no English sentences; {there}", str(path))


_READERS: dict[str, Callable[[Path, Progress], Iterator[TranslationUnit]]] = {
    ".tmx": _tmx,
    ".xlf": _xliff,
    ".xliff": _xliff,
    ".tsv": _table,
    ".csv": _table,
}
