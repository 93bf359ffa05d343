"""Words of a text: the units that are aligned, judged and reported."""

from __future__ import annotations

import re

from backspeak.function_words import FUNCTION_WORDS

# A hyphenated compound and a word with an apostrophe are one word; a number keeps its separators;
# every other visible character is a word of its own.
_WORD = re.compile(r"(?:\d+(?:[.,:/]\d+)+\w*|\w+)(?:['’\-‑]\w+)*|[^\w\s]")

# After an initial or a title a capital begins a name, not a sentence.
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Maj|Capt|Lt|Sgt|Sen|Rep|Gov|Rev|Jr)\.$")
# The pronoun, alone and with its verbs.
_PRONOUN = re.compile(r"I(?:['’]\w+)?")


def word_offsets(text: str) -> list[tuple[int, int]]:
    """(start, end) of each word and each punctuation mark, in order."""
    return [match.span() for match in _WORD.finditer(text)]


def is_punctuation(word: str) -> bool:
    """Whether a word of `word_offsets` is a punctuation mark or symbol."""
    return not any(character.isalnum() for character in word)


def is_protected(text: str, start: int, end: int) -> bool:
    """Whether the words from start to end hold a name or a number, which no proposal may touch.

    A capital at the beginning of the text or after an opening quote or a full stop may be there
    for its place only, so it does not count; nor does that of "The" after a colon or a dash.
    """
    for word_start, word_end in word_offsets(text[start:end]):
        word = text[start + word_start : start + word_end]
        if any(character.isdigit() for character in word):
            return True
        if word[0].isupper() and not begins_sentence(text, start + word_start) and not _PRONOUN.fullmatch(word):
            return True
        if any(character.isupper() for character in word[1:]):
            return True
    return False


def begins_sentence(text: str, start: int) -> bool:
    """Whether a capital at `start` may be there for its place only.

    After a colon or a dash a sentence may begin, but a name is likelier, unless the word can be none.
    """
    before = text[:start].rstrip()
    if not before:
        return True
    if before[-1] in ":—–":
        word = _WORD.match(text, start)
        return word is not None and word.group().split("’")[0].split("'")[0].casefold() in FUNCTION_WORDS
    return before[-1] in "“\"‘'([.!?" and not _ABBREVIATION.search(before)
