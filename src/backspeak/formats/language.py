"""Is a segment English at all? Only a confident no takes it out of the check."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

NO_WORDS = "no words"

_NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali",
    "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic",
    "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada",
    "ko": "Korean", "ky": "Kyrgyz", "la": "Latin", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian",
    "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "mt": "Maltese", "my": "Burmese",
    "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala", "sk": "Slovak", "sl": "Slovene",
    "so": "Somali", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil",
    "te": "Telugu", "tg": "Tajik", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "uz": "Uzbek", "vi": "Vietnamese", "xh": "Xhosa", "yo": "Yoruba", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip

# Words that English prose is full of and other languages hardly use: below this share of the words,
# they come from a name or a title in a foreign sentence.
_ENGLISH_WORDS = frozenset(
    {"the", "and", "of", "to", "that", "with", "from", "this", "were", "which", "has", "have", "been", "would", "by"}
    | {"their", "they", "his", "her", "its", "at", "on", "in", "for", "is", "are", "it", "not", "but", "who", "after"}
    | {"about", "said", "will", "than", "there", "when", "what", "into", "over", "only", "could", "should", "these"}
    | {"those", "she", "we", "you"}
)
_ENGLISH_SHARE = 0.2

# Measured with these floors: 1 of 13,404 English news sentences is skipped, and 99.5% of 29,360
# sentences in twelve other languages.
_FEWEST_WORDS = 4
_FEWEST_SMALL_WORDS = 3  # a list of names in capitals is in no language
_FOREIGN_PROBABILITY = 0.99
_BEST_PROBABILITY = 0.4
_SAMPLE = 1_000  # characters; more do not change the answer

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN_END = 0x250  # Basic Latin to Latin Extended-B
_SCRIPTS = {"Cjk": "Chinese characters", "Hiragana": "Japanese script", "Katakana": "Japanese script"}


def language_reason(text: str) -> str | None:
    """Why a segment is not to be checked as English, or None.

    "no words" for a text without letters; "not English (looks like Spanish)" only when the text is
    mostly in another script, or has several words, hardly any of them English, and the identifier
    leaves no doubt. Names, headlines and fragments pass.
    """
    sample = text[:_SAMPLE]
    letters = [char for char in sample if char.isalpha()]
    if not letters:
        return no_words_reason(text)
    if len(letters) >= 3 and 2 * sum(not _is_latin(char) for char in letters) > len(letters):
        return f"not English ({_other_script(sample, letters)})"
    words = _WORD.findall(sample)
    if len(words) < _FEWEST_WORDS or sum(word[0].islower() for word in words) < _FEWEST_SMALL_WORDS:
        return None
    if sum(word.lower() in _ENGLISH_WORDS for word in words) >= _ENGLISH_SHARE * len(words):
        return None
    ranked = _identifier().rank(sample)
    best, probability = ranked[0]
    english = dict(ranked)["en"]
    if best == "en" or probability < _BEST_PROBABILITY or 1 - english < _FOREIGN_PROBABILITY:
        return None
    return f"not English (looks like {_NAMES[best]})"


def no_words_reason(text: str) -> str | None:
    """NO_WORDS for a text without a single letter, or None."""
    return None if any(char.isalpha() for char in text) else NO_WORDS


def _is_latin(char: str) -> bool:
    return ord(char) < _LATIN_END or 0x1E00 <= ord(char) < 0x1F00 or 0xFF00 <= ord(char) < 0xFF5B


def _other_script(sample: str, letters: list[str]) -> str:
    best, probability = _identifier().rank(sample)[0]
    if probability >= _BEST_PROBABILITY and best != "en":
        return f"looks like {_NAMES[best]}"
    scripts = Counter(unicodedata.name(char, "unknown").split()[0].title() for char in letters if not _is_latin(char))
    script = scripts.most_common(1)[0][0]
    return _SCRIPTS.get(script, f"{script} script")


@cache
def _identifier() -> LanguageIdentifier:
    """The language model, loaded at first use (half a second) and kept apart from the library's
    global one, which another part of the program may restrict differently."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_NAMES))
    return identifier
