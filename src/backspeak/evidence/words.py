"""Words of a text: the units that are aligned, judged and reported."""

from __future__ import annotations

import re

# A hyphenated compound and a word with an apostrophe are one word; a number keeps its separators;
# every other visible character is a word of its own.
_WORD = re.compile(r"\d+(?:[.,:/]\d+)+\w*|\w+(?:['’\-‑]\w+)*|[^\w\s]")


def word_offsets(text: str) -> list[tuple[int, int]]:
    """(start, end) of each word and each punctuation mark, in order."""
    return [match.span() for match in _WORD.finditer(text)]


def is_punctuation(word: str) -> bool:
    """Whether a word of `word_offsets` is a punctuation mark or symbol."""
    return not any(character.isalnum() for character in word)


def is_protected(text: str, start: int, end: int) -> bool:
    """Whether the words from start to end hold a name or a number, which no proposal may touch.

    A capital at the beginning of the text or after an opening quote or a full stop may be there
    for its place only, so it does not count.
    """
    for word_start, word_end in word_offsets(text[start:end]):
        word = text[start + word_start : start + word_end]
        if any(character.isdigit() for character in word):
            return True
        if word[0].isupper() and not _begins_sentence(text, start + word_start) and word not in {"I", "I'm", "I’m"}:
            return True
        if any(character.isupper() for character in word[1:]):
            return True
    return False


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return not before or before[-1] in "“\"‘'([.!?:—–"
