"""What was left in the source language is found, what is copied by right is not."""

from __future__ import annotations

import pytest

from backspeak.data import Segment
from backspeak.evidence.untranslated import COPY, LANGUAGE, SCRIPT, collect


def _found(text: str, source: str | None, language: str | None = "de") -> list[tuple[str, str, str]]:
    segment = Segment("d", "1", text, source, language)
    return [(each.rule, text[each.start : each.end], each.severity) for each in collect(segment)]


GERMAN = "Der Bäcker öffnet seinen Laden erst um sieben Uhr."


def test_a_copy_of_the_source():
    assert _found(GERMAN, GERMAN) == [(COPY, GERMAN, "critical")]
    assert _found(f" {GERMAN.replace('sieben', '7')}\n", GERMAN) == [(COPY, GERMAN.replace("sieben", "7"), "critical")]


def test_another_language_than_the_source():
    spanish = "El panadero abre su tienda a las siete de la mañana."
    assert _found(spanish, GERMAN) == [(LANGUAGE, spanish, "critical")]
    assert _found("Пекарь открывает лавку в семь.", GERMAN)[0][0] == LANGUAGE


def test_words_in_another_script():
    source = "Пекарь открывает лавку в семь часов утра."
    assert _found("The baker opens his лавку at seven.", source, "ru") == [(SCRIPT, "лавку", "major")]


@pytest.mark.parametrize(
    ("text", "source", "language"),
    [
        ("The baker opens his shop at seven.", GERMAN, "de"),
        ("Angela Merkel, Berlin, 2008", "Angela Merkel, Berlin, 2008", "de"),
        ("Restaurant Adler", "Restaurant Adler", "de"),
        ("The word lavka (лавка) means a small shop.", "Слово «лавка» (лавка) значит маленький магазин.", "ru"),
        ("The baker opens his shop at seven.", "The baker opens his shop at seven.", "en"),
        (GERMAN, None, None),
        ("α-rays pass through it.", "α-Strahlen durchdringen es.", "de"),
        ("", "Guten Tag", "de"),
    ],
)
def test_what_may_stay(text, source, language):
    assert _found(text, source, language) == []
