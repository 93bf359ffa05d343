"""TMX: translation memories, read one unit at a time however large the file is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from backspeak.data import Document, InputProblem, Segment
from backspeak.errors import InputError
from backspeak.formats import xml
from backspeak.formats.inline import flatten
from backspeak.formats.rows import skip_reason
from backspeak.formats.sides import english_side, is_english
from backspeak.formats.xml import XML_NAMESPACE, Element

CODES = ("bpt", "ept", "it", "ph", "ut", "sub")
_ANY = "*all*"


def read_tmx(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read a TMX file from memory, as `read_tmx_stream` does from disk."""
    return read_tmx_stream(io.BytesIO(content), name, source_lang)


def read_tmx_stream(file: BinaryIO, name: str, source_lang: str | None = None) -> Document:
    """Read TMX from an open file; Segment.location is the line and the unit.

    Only the segments are kept, never the file or its tree. Raises InputError when the file is no TMX,
    is hostile, or no unit has an English side; a file that breaks off is a problem after its segments.
    """
    document = Document(name)
    for item in stream_tmx(file, name, source_lang):
        if isinstance(item, Segment):
            document.segments.append(item)
        else:
            document.problems.append(item)
    return document


def stream_tmx(file: BinaryIO, name: str, source_lang: str | None = None) -> Iterator[Segment | InputProblem]:
    """The same as it is read; its problems come last."""
    units = without_english = 0
    try:
        for segment in segments(file, name, source_lang):
            units += 1
            if segment is None:
                without_english += 1
            else:
                yield segment
    except InputError as error:
        if units == without_english:
            raise
        yield InputProblem(name, error.message, error.line)
    if not units:
        raise InputError("has no translation unit (<tu>); is it TMX?", name)
    if units == without_english:
        raise InputError('has no English side: no <tuv> has xml:lang="en" or one of its variants', name)
    if without_english:
        yield InputProblem(name, f"{without_english:,} of {units:,} units have no English side")


def segments(file: BinaryIO, name: str, source_lang: str | None = None) -> Iterator[Segment | None]:
    """The segments of a TMX file as they are read, in memory that does not grow with the file; None
    for a unit without English. `source_lang` picks the source where the file does not name it."""
    number = 0
    header_lang: str | None = None
    for element in xml.stream(file, name, ("header", "tu")):
        if element.name == "header":
            header_lang = element.attributes.get("srclang")
        else:
            # The number is the id: a tuid need not be unique, and to know would take memory.
            number += 1
            yield _segment(element, number, name, element.attributes.get("srclang") or header_lang, source_lang)


def _segment(unit: Element, number: int, name: str, srclang: str | None, source_lang: str | None) -> Segment | None:
    variants = [(_lang(variant), seg) for variant in unit.elements("tuv") if (seg := variant.first("seg")) is not None]
    english = [pair for pair in variants if is_english(pair[0])]
    if not english:
        return None
    # Where English was the source, another English variant is still a translation of it.
    named = next((pair for pair in variants if _same(pair[0], srclang)), None)
    lang, seg = next((pair for pair in english if pair is not named), english[0])
    source = named
    if srclang is None or srclang.lower() == _ANY:
        others = [pair for pair in variants if not is_english(pair[0])]
        source = next((pair for pair in others if _same(pair[0], source_lang)), others[0] if others else None)
    sides = english_side(None if source is None else source[0], lang)
    text = flatten(seg, CODES).text
    source_text = None
    if source is not None and sides is not None and sides.source_lang is not None:
        source_text = flatten(source[1], CODES).text or None
    return Segment(
        name,
        str(number),
        text,
        source_text,
        None if source_text is None or source is None else source[0],
        location=f"line {seg.line}, unit {unit.attributes.get('tuid') or number}",
        skip=skip_reason(text, source_text),
    )


def _lang(variant: Element) -> str | None:
    return variant.attributes.get(f"{{{XML_NAMESPACE}}}lang") or variant.attributes.get("lang")


def _same(lang: str | None, wanted: str | None) -> bool:
    """Whether two tags name one language; "de" and "de-AT" do where a file is careless."""
    if not lang or not wanted:
        return False
    one, other = lang.lower().replace("_", "-"), wanted.lower().replace("_", "-")
    return one == other or one.split("-")[0] == other.split("-")[0]
