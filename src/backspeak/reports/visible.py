"""Text as the page may show it: characters that act instead of being seen become seen."""

from __future__ import annotations

from typing import Any

_BIDI_CONTROLS = {
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
_LINE_BREAKS_AND_TAB = (0x09, 0x0A, 0x0D, 0x85)

_SHOWN: dict[int, str] = {
    # HTML drops NUL and forbids the other controls; Unicode has a picture for each of them.
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys(_LINE_BREAKS_AND_TAB, " "),
    # A pop or isolate end without its partner would reach out of the element around it. The marks
    # LRM, RLM and ALM cannot, and stay.
    **{code: f"\u27e8{name}\u27e9" for code, name in _BIDI_CONTROLS.items()},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # UTF-8 has no form for a lone surrogate
    **dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd"),  # no characters, and forbidden in XML
}


def visible(text: str) -> str:
    """`text` with control characters, bidirectional controls and lone surrogates made visible.

    >>> visible("a\\x00b \\u202ec")
    'a␀b ⟨RLO⟩c'
    """
    return text.translate(_SHOWN)


def all_visible(value: Any) -> Any:
    """`value` (of lists, dicts and scalars) with every text in it made visible, keys excepted."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [all_visible(each) for each in value]
    if isinstance(value, dict):
        return {key: all_visible(each) for key, each in value.items()}
    return value


def readable_wording(wording: str) -> str:
    """A wording as an editor can see it: nothing at all is named, spaces beside mere marks are drawn.

    >>> readable_wording(" ”"), readable_wording(""), readable_wording("two words ")
    ('␣”', '(leave out)', 'two words')
    """
    if not wording:
        return "(leave out)"
    return wording.strip() if any(character.isalnum() for character in wording) else wording.replace(" ", "␣")
