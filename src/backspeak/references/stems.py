"""Inflected forms: whether two words are forms of one, in English and in the languages of sources.

English words are compared by the forms that `phrasebank.inflection` generates. Words of other languages
are compared by their Snowball stems, where Snowball has the language, and by their beginnings
otherwise: for finding out whether a source speaks of a term that is enough.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

import snowballstemmer

from backspeak.phrasebank.inflection import Inflector

_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
# Written without spaces between words: a term is found as a part of the text.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SOURCE_WORD = re.compile(r"[^\W_]+")
# "C++" is compared as it stands.
_WORDS_ONLY = re.compile(r"[\w\s'’.,\-\u2010\u2011]+")
# Where the language has no stemmer: letters that an ending may have, by the letters that must be left.
_SHORTEST_STEM = 4
_LONGEST_ENDING = {4: 2}
_LONGEST_ENDING_OF_LONGER = 3


@cache
def _stemmer(language: str):
    name = _SNOWBALL.get(language)
    return None if name is None else snowballstemmer.stemmer(name)


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The stem of a word of `language` ("ru"); in a language without a stemmer the word itself."""
    folded = word.casefold().replace("ё", "е")
    stemmer = _stemmer(language)
    return folded if stemmer is None else stemmer.stemWord(folded)


@lru_cache(maxsize=200_000)
def _signs(word: str, code: str) -> frozenset[str]:
    """What two words have in common when they may be forms of one.

    The word itself is a sign of it: a stemmer may take the end of a base form for an ending.
    """
    folded = word.casefold().replace("ё", "е")
    if code in _SNOWBALL:
        return frozenset((folded, stem(word, code)))
    beginnings = {
        folded[:length]
        for length in range(_SHORTEST_STEM, len(folded))
        if len(folded) - length <= _LONGEST_ENDING.get(length, _LONGEST_ENDING_OF_LONGER)
    }
    return frozenset((folded, *beginnings))


def language_code(language: str | None) -> str:
    """The bare code of a language: "pt" of "pt-BR", empty for None."""
    return re.split(r"[-_]", (language or "").lower(), maxsplit=1)[0]


def holds_term(text: str, term: str, code: str) -> bool:
    """Whether a source text holds the term in one of its forms, its words in this order side by side."""
    if _UNSPACED.search(term):
        return "".join(term.split()) in "".join(text.split())
    wanted, there = _signs_of(term, code), _signs_of(text, code)
    if not wanted or not _WORDS_ONLY.fullmatch(term):
        return term in text
    return any(
        all(signs & there[at + offset] for offset, signs in enumerate(wanted))
        for at in range(len(there) - len(wanted) + 1)
    )


def term_keys(term: str, code: str) -> frozenset[str]:
    """Keys to file a term under: `text_keys` of every text that holds the term has one of them."""
    if _UNSPACED.search(term):
        return frozenset(next(character for character in term if not character.isspace()))
    words = _signs_of(term, code)
    return words[0] if words and _WORDS_ONLY.fullmatch(term) else frozenset(("",))


def text_keys(text: str, code: str) -> set[str]:
    """Under which keys the terms of a text may be filed."""
    return {"", *_UNSPACED.findall(text)}.union(*_signs_of(text, code))


@lru_cache(maxsize=512)
def _signs_of(text: str, code: str) -> Sequence[frozenset[str]]:
    return tuple(_signs(word, code) for word in _SOURCE_WORD.findall(text))


def base_forms(word: str, inflector: Inflector) -> list[str]:
    """Words that `word` may be a form of: "queries" gives "query". Regular endings only."""
    candidates = []
    for ending, mends in (("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ed", ("", "e")), ("ing", ("", "e"))):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            candidates += [word.removesuffix(ending) + mend for mend in mends]
    return [each for each in dict.fromkeys(candidates) if each != word and word in inflector.forms(each)]
