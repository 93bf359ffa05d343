"""PO: one message (or one plural form of it) is one Segment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backspeak.data import Document, Segment
from backspeak.errors import InputError
from backspeak.formats.encoding import decode
from backspeak.formats.rows import skip_reason
from backspeak.formats.sides import Sides, english_side

_CHARSET = re.compile(rb"charset=([\w.:-]{2,40})", re.IGNORECASE)
_ERROR_LINE = re.compile(r"\(line (\d+)\)(?:: (.*))?", re.DOTALL)

# polib ends lines where str.splitlines does; these stand for those characters while it reads.
_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_STAND_INS = {ord(char): chr(0xFDD0 + number) for number, char in enumerate(_LINE_ENDS)}
_BACK = {ord(stand_in): chr(char) for char, stand_in in _STAND_INS.items()}


def read_po(content: bytes, name: str, source_lang: str | None = None) -> Document:
    """Read a PO file; Segment.location is the line of the entry, the id its number.

    The header's Language decides: English messages are checked as translations (of X-Source-Language,
    or of `source_lang`); in a catalogue for another language, or a template, the msgid is the English
    text, by gettext's convention. Raises InputError for a damaged file and for one without English.
    """
    import polib

    charset = _CHARSET.search(content[:8192])
    text = decode(content, name, charset[1].decode("ascii") if charset else None)
    try:
        # The line end keeps polib from taking a text of one line for the path of a file to open.
        catalogue = polib.pofile(text.translate(_STAND_INS) + "\n")
    except (OSError, UnicodeError, ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        found = _ERROR_LINE.search(str(error))
        raise InputError(
            f"is not a PO file that can be read{f': {found[2]}' if found and found[2] else ''}",
            name,
            int(found[1]) if found else None,
        ) from error
    sides = _sides(catalogue.metadata, name, source_lang)
    segments = [
        segment for number, entry in enumerate(catalogue, start=1) for segment in _segments(entry, number, name, sides)
    ]
    return Document(name, segments)


def _sides(metadata: dict[str, str], name: str, source_lang: str | None) -> Sides:
    target_lang = metadata.get("Language", "").strip() or None
    named = metadata.get("X-Source-Language", "").strip() or None
    sides = english_side(named or "en", target_lang)
    if sides is None:
        raise InputError(
            f"has no English side (Language: {target_lang or 'none'}, X-Source-Language: {named}); "
            "set the one that is English to en",
            name,
        )
    if sides.target and sides.source_lang is None and named is None:
        return english_side(source_lang, "en") or sides
    return sides


def _segments(entry, number: int, name: str, sides: Sides) -> Iterator[Segment]:
    originals = [entry.msgid] + ([entry.msgid_plural] if entry.msgid_plural else [])
    translations = [entry.msgstr_plural[key] for key in sorted(entry.msgstr_plural)] or [entry.msgstr]
    texts = translations if sides.target else originals
    for form, text in enumerate(texts):
        text = text.translate(_BACK)
        source = None
        if sides.source_lang is not None:
            source = originals[min(form, len(originals) - 1)].translate(_BACK) or None
        yield Segment(
            name,
            str(number) if len(texts) == 1 else f"{number}.{form}",
            text,
            source,
            None if source is None else sides.source_lang,
            location=f"line {entry.linenum}" + ("" if len(texts) == 1 else f", form {form}"),
            skip="obsolete" if entry.obsolete else "not translated" if not text else skip_reason(text, source),
        )
