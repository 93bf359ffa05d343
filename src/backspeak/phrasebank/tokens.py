"""Words of a text, as the patterns see them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"[^\W_]+(?:['’.](?=[^\W_])[^\W_]+)*")
_JOIN = re.compile(r"[ \t\u00a0\u2010\u2011-]+")
_HYPHENS = "-\u2010\u2011"


@dataclass(frozen=True)
class Token:
    """A word of the text: lower-cased, with straight apostrophes, and without a possessive ending."""

    start: int
    end: int
    text: str
    lower: str
    stem: str  # `lower` without 's; differs only for possessives
    joined: bool  # only spaces or hyphens stand between this word and the one before
    hyphen_before: bool
    hyphen_after: bool

    @property
    def stem_end(self) -> int:
        """Where the word ends when its possessive ending is left alone."""
        return self.end - (len(self.lower) - len(self.stem))


def tokenise(text: str) -> list[Token]:
    """The words of a text; hyphenated parts are words of their own, contractions are not split."""
    tokens = []
    previous_end = -1
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        word = found.group()
        lower = word.lower().replace("’", "'")
        between = text[previous_end:start] if previous_end >= 0 else None
        tokens.append(
            Token(
                start,
                end,
                word,
                lower,
                lower[:-2] if lower.endswith("'s") else lower,
                between is not None and _JOIN.fullmatch(between) is not None,
                start > 0 and text[start - 1] in _HYPHENS and start > 1 and text[start - 2].isalnum(),
                end + 1 < len(text) and text[end] in _HYPHENS and text[end + 1].isalnum(),
            )
        )
        previous_end = end
    return tokens
