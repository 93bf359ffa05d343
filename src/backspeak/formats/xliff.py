"""XLIFF 1.2 and 2.x: one segment of a translation unit is one Segment, beside its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backspeak.data import Document, InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats import xml
from backspeak.formats.inline import FlatText, flatten, preserves_space
from backspeak.formats.rows import skip_reason
from backspeak.formats.sides import Sides, english_side
from backspeak.formats.xml import XML_NAMESPACE, Element, Tree

NAMESPACES = {"urn:oasis:names:tc:xliff:document:1.1": 1, "urn:oasis:names:tc:xliff:document:1.2": 1}
NAMESPACES |= {f"urn:oasis:names:tc:xliff:document:2.{minor}": 2 for minor in range(3)}

# Their content is code of the original document, not text; <g>, <pc>, <mrk> and the like hold text.
CODES = {1: ("bpt", "ept", "ph", "it", "x", "bx", "ex"), 2: ("ph", "sc", "ec", "sm", "em")}

_NOT_TRANSLATED = "not translated"
_NOT_TO_TRANSLATE = "marked as not to be translated"


@dataclass(frozen=True)
class Unit:
    """One segment of an XLIFF file: its English text, with the place of every character, and what it
    was made from. `scope` is the trans-unit or unit around it."""

    id: str
    location: str
    flat: FlatText
    container: Element | None
    scope: Element
    source: str | None
    source_lang: str | None
    skip: str | None


@dataclass(frozen=True)
class XliffFile:
    """An XLIFF file with its units in order; `version` is 1 or 2."""

    tree: Tree
    version: int
    units: tuple[Unit, ...]
    problems: tuple[InputProblem, ...]


def read_xliff(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read XLIFF 1.2 or 2.x; Segment.location is the line and the unit, the id is the unit's.

    The language attributes decide which side is English. Inline codes are left out of the text.
    Raises InputError for what is not XLIFF, is hostile, or has no English side.
    """
    file = open_xliff(content, name)
    segments = [
        Segment(
            name,
            unit.id,
            unit.flat.text,
            unit.source,
            unit.source_lang,
            location=unit.location,
            skip=unit.skip or skip_reason(unit.flat.text, unit.source),
        )
        for unit in file.units
    ]
    return Document(name, segments, list(file.problems))


def open_xliff(content: bytes, name: str) -> XliffFile:
    """Parse a file and find its units; the same bytes always give the same ids."""
    tree = xml.parse(content, name)
    root = tree.root
    version = NAMESPACES.get(root.namespace) or {"1": 1, "2": 2}.get(root.attributes.get("version", "")[:1])
    if root.name != "xliff" or version is None:
        raise InputError(
            f"is not XLIFF 1.2 or 2.x: its root is <{root.name}>"
            + (f" of version {root.attributes.get('version', 'unknown')}" if root.name == "xliff" else ""),
            name,
            root.line,
        )
    problems: list[InputProblem] = []
    units = list((_units_1 if version == 1 else _units_2)(root, name, problems))
    if not units and problems:
        raise InputError(problems[0].message, name, problems[0].line)
    return XliffFile(tree, version, tuple(_with_unique_ids(units)), tuple(problems))


# XLIFF 1.2


def _units_1(root: Element, name: str, problems: list[InputProblem]) -> Iterator[Unit]:
    for file in root.elements("file"):
        units = list(_trans_units(file, preserves_space(root, False)))
        source_lang = file.attributes.get("source-language")
        target_lang = file.attributes.get("target-language") or _target_lang(units)
        sides = english_side(source_lang, target_lang)
        if sides is None:
            problems.append(
                _no_english(name, file.line, "source-language", source_lang, "target-language", target_lang)
            )
            continue
        for unit, preserve in units:
            yield from _segments_1(unit, sides, preserve)


def _trans_units(element: Element, preserve: bool) -> Iterator[tuple[Element, bool]]:
    preserve = preserves_space(element, preserve)
    for child in element.children:
        if isinstance(child, Element):
            if child.name == "trans-unit":
                yield child, preserves_space(child, preserve)
            elif child.name in ("body", "group"):
                yield from _trans_units(child, preserve)


def _target_lang(units: list[tuple[Element, bool]]) -> str | None:
    targets = (unit.first("target") for unit, _ in units)
    named = (target.attributes.get(f"{{{XML_NAMESPACE}}}lang") for target in targets if target is not None)
    return next((lang for lang in named if lang), None)


def _segments_1(unit: Element, sides: Sides, preserve: bool) -> Iterator[Unit]:
    unit_id = unit.attributes.get("id", "")
    sources, target = unit.first("seg-source") or unit.first("source"), unit.first("target")
    english = target if sides.target else sources
    skip = _NOT_TO_TRANSLATE if unit.attributes.get("translate") == "no" else None
    pieces = [] if english is None else _segmentation(english)
    by_mid = {} if sources is None else {piece.attributes.get("mid"): piece for piece in _segmentation(sources)}
    if english is None or not pieces:
        source = unit.first("source") if sides.target else None
        yield _unit(1, unit_id, f"trans-unit {unit_id}", english, unit, source, sides, preserve, skip)
        return
    for piece in pieces:
        mid = piece.attributes.get("mid", "")
        source = by_mid.get(mid) if sides.target else None
        where = f"trans-unit {unit_id}, segment {mid}"
        yield _unit(1, f"{unit_id}/{mid}", where, piece, unit, source, sides, preserve, skip)


def _segmentation(container: Element) -> list[Element]:
    """The <mrk mtype="seg"> of a segmented text, wherever inline elements have taken them."""
    return [
        element
        for element in container.descendants()
        if element.name == "mrk" and element.attributes.get("mtype") == "seg"
    ]


# XLIFF 2.x


def _units_2(root: Element, name: str, problems: list[InputProblem]) -> Iterator[Unit]:
    source_lang, target_lang = root.attributes.get("srcLang"), root.attributes.get("trgLang")
    sides = english_side(source_lang, target_lang)
    if sides is None:
        problems.append(_no_english(name, root.line, "srcLang", source_lang, "trgLang", target_lang))
        return
    for unit, preserve, translate in _units_below(root, preserves_space(root, False), True):
        unit_id = unit.attributes.get("id", "")
        segments = list(unit.elements("segment"))
        for number, segment in enumerate(segments, start=1):
            segment_id = segment.attributes.get("id") or (str(number) if len(segments) > 1 else "")
            english = segment.first("target" if sides.target else "source")
            keep = preserve if english is None else preserves_space(english, preserve)
            yield _unit(
                2,
                f"{unit_id}/{segment_id}" if segment_id else unit_id,
                f"unit {unit_id}" + (f", segment {segment_id}" if segment_id else ""),
                english,
                unit,
                segment.first("source") if sides.target else None,
                sides,
                keep,
                None if translate else _NOT_TO_TRANSLATE,
            )


def _units_below(element: Element, preserve: bool, translate: bool) -> Iterator[tuple[Element, bool, bool]]:
    for child in element.children:
        if isinstance(child, Element) and child.name in ("file", "group", "unit"):
            keep = preserves_space(child, preserve)
            said = child.attributes.get("translate")
            wanted = translate if said is None else said != "no"
            if child.name == "unit":
                yield child, keep, wanted
            else:
                yield from _units_below(child, keep, wanted)


# Both


def _unit(
    version: int,
    unit_id: str,
    where: str,
    english: Element | None,
    scope: Element,
    source: Element | None,
    sides: Sides,
    preserve: bool,
    skip: str | None,
) -> Unit:
    codes = CODES[version]
    flat = FlatText("", ()) if english is None else flatten(english, codes, preserve=preserve)
    source_text = None if source is None or sides.source_lang is None else flatten(source, codes).text or None
    return Unit(
        unit_id,
        f"line {(scope if english is None else english).line}, {where}",
        flat,
        english,
        scope,
        source_text,
        None if source_text is None else sides.source_lang,
        skip or (None if flat.text else _NOT_TRANSLATED),
    )


def _no_english(
    name: str, line: int, source_name: str, source_lang: str | None, target_name: str, target_lang: str | None
) -> InputProblem:
    said = ", ".join(
        f'{attribute}="{lang}"' if lang else f"no {attribute}"
        for attribute, lang in ((source_name, source_lang), (target_name, target_lang))
    )
    return InputProblem(name, f'has no English side ({said}); set the one that is English to "en"', line)


def _with_unique_ids(units: list[Unit]) -> Iterator[Unit]:
    """Ids of units need only be unique within a <file>, and careless tools repeat them even there."""
    used: set[str] = set()
    for unit in units:
        unit_id, number = unit.id, 1
        while unit_id in used:
            number += 1
            unit_id = f"{unit.id}#{number}"
        used.add(unit_id)
        yield unit if unit_id == unit.id else replace(unit, id=unit_id)
