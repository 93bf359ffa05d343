"""Which side of a bilingual file is English: what its language attributes say, nothing else."""

from __future__ import annotations

from dataclasses import dataclass


def is_english(tag: str | None) -> bool:
    """Whether a language tag names English: en, en-GB, en_US, EN."""
    return tag is not None and tag.strip().replace("_", "-").split("-")[0].lower() in ("en", "eng", "english")


@dataclass(frozen=True)
class Sides:
    """What is checked of a pair. `target` tells whether the English text is the translation;
    `source_lang` is the language of the text it was made from, None where that is not to be used."""

    target: bool
    source_lang: str | None


def english_side(source_lang: str | None, target_lang: str | None) -> Sides | None:
    """The English side of a file in two languages, or None.

    A translation into English is checked against its source. English that was translated into another
    language is checked by itself: that translation is no source of it. So is English made from English.
    """
    if is_english(target_lang):
        return Sides(True, None if source_lang is None or is_english(source_lang) else source_lang)
    if is_english(source_lang):
        return Sides(False, None)
    return None
