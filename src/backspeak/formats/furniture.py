"""Web page furniture in copied text: buttons, credits, forms, bylines. Recognised, named, skipped.

A rule matches a whole block or a whole sentence, never a part of one, so that a sentence that speaks
of sharing or subscribing stays in the check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backspeak.formats.furniture_rules import (
    BLOCK_RULES,
    BUTTON_WORDS,
    REACTIONS,
    SENTENCE_RULES,
    SOCIAL_NETWORKS,
    Rule,
)
from backspeak.formats.photo_credits import credited_caption

_LONGEST = 300  # characters of a button, notice or byline
_LONGEST_CAPTION = 500
_REPEATED_SHARE = 0.6  # of the words of the shorter caption
_FEWEST_REPEATED = 4

_STRAIGHT = str.maketrans("’‘“”", "''\"\"")
_DECORATION = " •·»«›‹→←▶►▼↓|–—-_~:.!…"
_DOUBLED = re.compile(r"([^\W\d_]{2,12}) \1")
_WORD = re.compile(r"[^\W_]+")
_BYLINE = re.compile(
    r"(?:[Bb]y|BY|Written by|Posted by|Author:|Text:|Story by|Words by) "
    r"(?:[A-Z][\w.'’-]*)(?: (?:(?:de|van|von|al|bin) )?[A-Z][\w.'’-]*){1,3}"
    r"(?:(?:,| and| &) [A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){1,3}){0,3}(?: in [A-Z]\w+(?: [A-Z]\w+)?)?"
    r"(?: ?[,|] ?[A-Z][^.!?]{2,60})?"
)


def furniture_reason(text: str, before: str | None = None, after: str | None = None) -> str | None:
    """Why a block is page furniture ("page furniture: share buttons"), or None.

    `before` and `after` are the blocks next to it: they tell a caption that repeats a credited one,
    and a row of buttons among such rows.
    """
    if len(text) > _LONGEST_CAPTION:
        return None
    wording = plain(text)
    kind = (
        _kind(wording, (*SENTENCE_RULES, *BLOCK_RULES))
        or _row_kind(wording)
        or _buttons_kind(wording, (before, after))
        or ("photo credit" if credited_caption(text) is not None else None)
        or ("date or byline" if _BYLINE.fullmatch(text.strip()) else None)
        or ("repeated caption" if _repeats_caption(text, (before, after)) else None)
    )
    return None if kind is None else f"page furniture: {kind}"


def furniture_sentence_reason(text: str) -> str | None:
    """Why one sentence of a longer paragraph is page furniture, or None.

    Knows complete phrases only: a single word, a date or a name may well end an ordinary paragraph.
    """
    kind = _kind(plain(text), SENTENCE_RULES)
    return None if kind is None else f"page furniture: {kind}"


def plain(text: str) -> str:
    """Small letters, straight quotes and single spaces, without the marks around."""
    return " ".join(text.translate(_STRAIGHT).casefold().split()).lstrip("*" + _DECORATION).rstrip(_DECORATION)


def _kind(wording: str, rules: Iterable[Rule]) -> str | None:
    if not wording or len(wording) > _LONGEST:
        return None
    return next((kind for kind, pattern in rules if pattern.fullmatch(wording)), None)


def _row_kind(wording: str) -> str | None:
    """A row of links, "Privacy policy | Terms of use": every part is furniture by itself."""
    parts = [part.strip() for part in re.split(r" [|•·/] ", wording)]
    kinds = [_kind(part, (*SENTENCE_RULES, *BLOCK_RULES)) for part in parts] if len(parts) > 1 else [None]
    return kinds[0] if all(kinds) else None


def _buttons_kind(wording: str, neighbours: tuple[str | None, str | None]) -> str | None:
    """Rows of single words: "love love" with its picture's name read out, "Facebook Twitter Email"."""
    doubled = _DOUBLED.fullmatch(wording)
    if doubled:
        among_others = any(_DOUBLED.fullmatch(plain(text)) for text in neighbours if text and len(text) < 40)
        return "reaction buttons" if among_others or doubled[1] in REACTIONS else None
    words = [word for word in re.split(r"[\s,/|&•·]+|\band\b", wording) if word and not word.isdecimal()]
    if not words:
        return None
    if all(word in SOCIAL_NETWORKS or word in BUTTON_WORDS for word in words):
        named = any(word in SOCIAL_NETWORKS for word in words)
        return "share buttons" if named else None
    if all(word in REACTIONS for word in words) and (len(words) >= 3 or any(char.isdecimal() for char in wording)):
        return "reaction buttons"
    return None


def _repeats_caption(text: str, neighbours: tuple[str | None, str | None]) -> bool:
    """Pages show a caption twice, once with the credit; machine translation words the two differently."""
    if text.rstrip()[-1:] in '.!?”"':
        return False
    words = _words(text)
    for neighbour in neighbours:
        caption = credited_caption(neighbour) if neighbour is not None and len(neighbour) <= _LONGEST_CAPTION else None
        if caption:
            caption_words = _words(caption)
            shared = len(words & caption_words)
            if shared >= max(_FEWEST_REPEATED, _REPEATED_SHARE * min(len(words), len(caption_words))):
                return True
    return False


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
