"""Evidence from the phrase bank: what the record holds, and where words are shown, not used."""

from __future__ import annotations

import json

import pytest

from backspeak.evidence.phrase_bank import collect
from backspeak.phrasebank import PhraseBank


@pytest.fixture(scope="module")
def bank() -> PhraseBank:
    return PhraseBank.load()


def test_the_record(bank: PhraseBank) -> None:
    text = "Yesterday tourists made photos of the old mill."
    (evidence,) = collect(text, bank)
    assert (evidence.kind, evidence.rule) == ("phrase_bank", "phrase-bank.calques.make-a-photo")
    assert text[evidence.start : evidence.end] == "made photos"
    assert evidence.suggestions == ("took photos",)
    (entry,) = bank.lookup("make a photo")
    assert (evidence.category, evidence.severity, evidence.confidence) == (
        entry.category,
        entry.severity,
        entry.confidence,
    )
    assert evidence.details == {
        "entry": "make-a-photo",
        "table": "calques",
        "phrase": "make a photo",
        "reference": ["take a photo"],
        "source_langs": list(entry.source_langs),
        "note": entry.note,
        "example": entry.example,
    }
    assert json.loads(json.dumps(evidence.details)) == evidence.details


def test_several_entries_come_in_reading_order(bank: PhraseBank) -> None:
    text = "In the nearest time Parizh will take participation."
    assert [text[evidence.start : evidence.end] for evidence in collect(text, bank)] == [
        "In the nearest time",
        "Parizh",
        "take participation",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Read it at www.example.org/genial-idea or write to genial.idea@example.org now.",
        "The German word “Fabrikant” became “fabricant” in his letter.",
        'The Russian proverb "buy a cat in a bag" is known here.',
        "She answered, «Das ist eine genial idea und gut».",
        "Debt is half of the domestic product (PIB) again.",
    ],
)
def test_words_that_are_shown_are_no_evidence(bank: PhraseBank, text: str) -> None:
    assert bank.find(text) != [] or "@" in text
    assert collect(text, bank) == []


def test_an_english_quotation_is_evidence(bank: PhraseBank) -> None:
    text = "“It was a genial idea,” she told the café owner."
    assert [evidence.rule for evidence in collect(text, bank)] == ["phrase-bank.false_friends.genial-idea"]


def test_nothing_to_say_about_plain_english(bank: PhraseBank) -> None:
    assert collect("The ferry leaves at nine and reaches the island before noon.", bank) == []
    assert collect("", bank) == []
