"""How the embedded model is asked for a translation."""

from __future__ import annotations

LANGUAGE_NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fr": "French",
    "it": "Italian",
    "ne": "Nepali",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "si": "Sinhala",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


def prompt(source_lang: str, source: str, target_lang: str) -> str:
    """The text that the model continues with a space and the translation of `source`."""
    return f"{LANGUAGE_NAMES[source_lang]}: {source}\n{LANGUAGE_NAMES[target_lang]}:"
