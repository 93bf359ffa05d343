"""Translations that must be thrown away: a broken back-translation says nothing about the text.

Thresholds were set on 315,000 translations of parallel news and talks (English into Spanish,
German, French, Russian and Chinese; by people, Google and Microsoft), where an alarm is false: it
costs a piece of evidence. They raise one in 0.02% of the Spanish, German and Russian, 0.05% of the
French and 0.15% of the Chinese. Of loops, copies, wrong languages and wrong lengths made from the
same data they find 95% or more; of sentences cut in the middle 98%, in Chinese 90%.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from backspeak.engines.translation import LANGUAGE_NAMES

# Characters for each character of the English original (median over human and machine translations).
_CHARS_PER_ENGLISH = {
    "ar": 0.85, "cs": 0.92, "de": 1.11, "es": 1.07, "fr": 1.11, "it": 1.08, "ja": 0.40, "ko": 0.50, "pl": 1.04,
    "pt": 1.06, "ro": 1.08, "ru": 1.00, "tr": 0.97, "uk": 1.01, "zh": 0.29,
}  # fmt: skip

_SCRIPTS = {
    "Arabic": ("\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff", "ar fa ps ur"),
    "Cyrillic": ("\u0400-\u052f", "be bg kk ky mk mn ru tg tt uk"),
    "Devanagari": ("\u0900-\u097f", "hi mr ne"),
    "Greek": ("\u0370-\u03ff\u1f00-\u1fff", "el"),
    "Han": ("\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", "ja zh"),
    "Hangul": ("\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "ko"),
    "Hebrew": ("\u0590-\u05ff", "he yi"),
    "Latin": (
        "A-Za-z\u00aa-\u024f\u1e00-\u1eff",
        "af ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms mt nb nl no pl pt ro sk sl sq sv sw tl tr "
        "vi",
    ),
    "Sinhala": ("\u0d80-\u0dff", "si"),
    "Thai": ("\u0e00-\u0e7f", "th"),
}
_SCRIPT_OF = {lang: re.compile(f"[{chars}]") for chars, langs in _SCRIPTS.values() for lang in langs.split()}

_LATIN, _CYRILLIC = _SCRIPT_OF["en"], _SCRIPT_OF["ru"]

_ADDRESS = re.compile(r"\S*(?:://|www\.|@)\S*|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info)\b\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# A character of a script without spaces stands for a word.
_TOKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")
_SYLLABLES = re.compile(r"([^\W\d_]{1,6}?)\1{7,}")
_CHARACTERS = re.compile(r"(\S)(?:\s?\1){11,}")
_FINAL = re.compile(r"[.!?…。！？][\"'”’»)\]」』]*\s*$")

# Share of the source's common words that may come back unchanged; real translations with four or
# more such words stay below it (99.97th percentile: .50 Spanish, .43 German, .67 French).
_COPIED_SHARE = 0.75
_COPIED_WORDS = 4

_LONGEST_PHRASE = 24
# A phrase of so many tokens and letters that comes twice, where nothing of the source does: a clause said again. In
# 36,000 translations by people and Google into Spanish, German, Russian, French and English 14 have one.
_PHRASE_TWICE, _LETTERS_TWICE = 5, 20

# Letters of common words from which py3langid can tell a language from the others, and how many
# times likelier than the target language another one must be. In 3,000 sentences each of Spanish,
# German, French, English and Portuguese with 30 letters or more, the right language always won
# (at worst 2.3 to 1), and 99.9% of the sentences in any other of eight languages pass this bound.
_LANGUAGE_LETTERS = 20
_LANGUAGE_RATIO = 2.7


def degenerate_reason(
    text: str,
    source: str,
    target_lang: str,
    *,
    is_round_trip: bool = False,
    source_lang: str | None = None,
) -> str | None:
    """Why `text` is unusable as a translation of `source` into `target_lang`, or None if it is not.

    The reason completes "the translation ...": "is empty", "copies the input", "repeats itself",
    "is not Spanish", "is far too long", "is far too short", "breaks off". For a round trip,
    `source` is the original text, in the same language, and being equal to it is no fault.
    `source_lang` (ISO 639-1) is English unless told; for English targets it is told from the script.
    """
    if not any(char.isalnum() for char in source):
        return None
    if not any(char.isalnum() for char in text):
        return "is empty"
    if source_lang is None:
        source_lang = target_lang if is_round_trip else _likely_source(source, target_lang)
    foreign = source_lang != target_lang
    if foreign and _copies(text, source):
        return "copies the input"
    if _loops(text, source):
        return "repeats itself"
    if _wrong_language(text, target_lang, source if foreign else "") or _mixed_words(text) - _mixed_words(source):
        return f"is not {LANGUAGE_NAMES.get(target_lang, target_lang)}"
    ratio = _CHARS_PER_ENGLISH.get(target_lang, 1.0) / _CHARS_PER_ENGLISH.get(source_lang, 1.0)
    expected = ratio * len(source)
    if len(text) > 2.5 * expected + 30:
        return "is far too long"
    if len(text) < 0.3 * expected - 5 * ratio:
        return "is far too short"
    if len(source) >= 40 and len(text) < 0.6 * expected and _FINAL.search(source) and not _FINAL.search(text):
        return "breaks off"
    return None


def _likely_source(source: str, target_lang: str) -> str:
    if target_lang != "en":
        return "en"
    letters = [char for char in source if char.isalpha()]
    for lang in ("zh", "ru", "ar"):
        if sum(1 for char in letters if _SCRIPT_OF[lang].match(char)) > len(letters) / 2:
            return lang
    return "es"


def _common_words(text: str) -> list[str]:
    """Words that are not names: not capitalised, unless all are, and no part of an address."""
    words = _WORD.findall(_ADDRESS.sub(" ", text))
    if text.isupper():
        return [word.lower() for word in words]
    return [word for word in words if not word[0].isupper()]


def _copies(text: str, source: str) -> bool:
    """Whether most of the source's common words are in the text; names and numbers may well be."""
    if _is_headline(source) and _bare(text) == _bare(source):
        return True
    words = [word for word in _common_words(source) if len(word) > 2]
    if len(words) < _COPIED_WORDS:
        return False
    kept = set(_common_words(text))
    return sum(word in kept for word in words) >= _COPIED_SHARE * len(words)


def _is_headline(text: str) -> bool:
    """Whether a text of capitalised words is too long, and has too many small ones, for a name."""
    return len(_WORD.findall(text)) >= 6 and len(_common_words(text)) >= 1


def _bare(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _loops(text: str, source: str) -> bool:
    """Whether `text` repeats a syllable, word or phrase far more than `source` does."""
    if any(pattern.search(text) and not pattern.search(source) for pattern in (_SYLLABLES, _CHARACTERS)):
        return True
    tokens, source_tokens = _bare(text), _bare(source)
    if any(
        letters > 2 * _repeated_letters(source_tokens) + 4
        for letters, period, copies in _repetitions(tokens)
        if copies >= _copies_of_a_loop(letters / (copies - 1), period)
    ):
        return True
    distinct = _distinct_share(tokens)
    if distinct < 0.75 and distinct < _distinct_share(source_tokens) - 0.15:
        return True
    count, letters = _said_twice(tokens)
    return count >= _PHRASE_TWICE and letters >= _LETTERS_TWICE and _said_twice(source_tokens)[0] < 3


def _said_twice(tokens: list[str]) -> tuple[int, int]:
    """Tokens and letters of the longest phrase, three tokens at least, that comes again further on; (0, 0) if none."""
    last: dict[tuple[str, ...], int] = {}
    best = (0, 0)
    for index in range(len(tokens) - 2):
        gram = tuple(tokens[index : index + 3])
        before = last.get(gram)
        last[gram] = index
        if before is None:
            continue
        length = 0
        while (
            index + length < len(tokens)
            and before + length < index
            and tokens[before + length] == tokens[index + length]
        ):
            length += 1
        if length >= 3:
            best = max(best, (length, sum(map(len, tokens[index : index + length]))))
    return best


def _mixed_words(text: str) -> set[str]:
    """Words of Latin and Cyrillic letters together: a name or word that was carried over letter by letter."""
    return {word for word in _WORD.findall(text) if _LATIN.search(word) and _CYRILLIC.search(word)}


def _repetitions(tokens: list[str]) -> Iterator[tuple[int, int, float]]:
    """Phrases that follow themselves: repeated letters, tokens in the phrase, copies of it."""
    count = len(tokens)
    if len(set(tokens)) == count:
        return
    for period in range(1, min(_LONGEST_PHRASE, count // 2) + 1):
        run = 0
        for index in range(count - period + 1):
            if index < count - period and tokens[index] == tokens[index + period]:
                run += 1
            elif run:
                if run >= period:
                    yield sum(map(len, tokens[index - run : index])), period, run / period + 1
                run = 0


def _copies_of_a_loop(letters: float, period: int) -> int:
    """How often a phrase of so many tokens and letters must stand in a row to be a loop."""
    if period == 1:
        return 4 if letters > 1 else 6
    return 3 if letters < 24 else 2


def _repeated_letters(tokens: list[str]) -> int:
    return max((letters for letters, _, _ in _repetitions(tokens)), default=0)


def _distinct_share(tokens: list[str]) -> float:
    """Share of different phrases among all phrases of four tokens; 1 for a short text."""
    grams = list(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False))
    return len(set(grams)) / len(grams) if len(grams) >= 16 else 1.0


def _wrong_language(text: str, target_lang: str, source: str) -> bool:
    """By script for certain; within a script only when long and sure, words quoted from the source aside."""
    words = _common_words(text)
    letters = "".join(words)
    script = _SCRIPT_OF.get(target_lang)
    if script is not None and len(letters) >= 8:
        own = sum(1 for _ in script.finditer(letters))
        if own < 0.3 * len(letters):
            return True
    quoted = set(_common_words(source))
    words = [word for word in words if word not in quoted]
    if sum(map(len, words)) < _LANGUAGE_LETTERS:
        return False
    probabilities = dict(_identifier(target_lang).rank(" ".join(words)))
    likelihood = probabilities.pop(target_lang, None)
    return likelihood is not None and max(probabilities.values()) > _LANGUAGE_RATIO * likelihood


@cache
def _identifier(target_lang: str) -> Any:
    """py3langid choosing among the product's languages and `target_lang`, as far as it knows them."""
    identifier = copy.copy(_full_identifier())
    identifier.set_languages((LANGUAGE_NAMES.keys() | {target_lang}) & set(identifier.labels))
    return identifier


@cache
def _full_identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
