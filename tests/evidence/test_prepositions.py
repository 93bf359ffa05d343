"""Prepositions: counts find the word that hardly ever takes one, the language model decides."""

from __future__ import annotations

import numpy as np
import pytest

from backspeak.data import Findings, Segment
from backspeak.evidence.prepositions import GAIN, RULE, Prepositions
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank.collocations import Collocations, words_of
from backspeak.training.collocations import tabulate

COUNTED = ["fond of tea"] * 150 + ["they waved to us"] * 90 + ["they waved at us"] * 60 + ["the boat of tea"] * 150


@pytest.fixture(scope="module")
def finder() -> Prepositions:
    numbers = {"": 0}
    ids: list[int] = []
    for text in COUNTED:
        ids += [numbers.setdefault(word, len(numbers)) for word in words_of(text)] + [0]
    tables, words = tabulate(np.array(ids), np.array(list(numbers)))
    return Prepositions(Collocations(words, tables, len(ids)))


def _findings(text: str) -> Findings:
    return Findings(Segment("tea.txt", "1", text), word_offsets(text))


def test_a_preposition_that_its_word_never_takes_is_a_place(finder):
    (place,) = finder.places("She was fond with green tea.")
    assert (place.word, place.others) == ("fond", ("of",))
    (place,) = finder.places("They waved for the boat.")
    assert (place.word, place.others) == ("waved", ("to", "at"))


@pytest.mark.parametrize(
    "text",
    [
        "She was fond of green tea.",
        "She was fond, with green tea.",
        "She was Fond with green tea.",
        "The boat with green tea sank.",
        "A kettle with green tea.",
        "She was fond with",
        "",
    ],
)
def test_usual_unknown_and_parted_words_are_left_alone(finder, text):
    assert list(finder.places(text)) == []


def test_the_language_model_decides_and_ranks(finder, rule_decoder):
    text = "They waved for the boat."
    decoder = rule_decoder(lambda prompt, said: {"at": GAIN + 1, "to": GAIN}.get(said.split()[2], 0.0))
    ((evidence,),) = finder.collect([_findings(text)], decoder)
    assert (evidence.rule, text[evidence.start : evidence.end], evidence.suggestions) == (RULE, "for", ("at", "to"))
    assert evidence.confidence == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-4)
    assert evidence.details["gain"] == GAIN + 1


def test_a_small_gain_is_no_evidence(finder, rule_decoder):
    decoder = rule_decoder(lambda prompt, said: GAIN - 0.1 if " of " in said else 0.0)
    assert finder.collect([_findings("She was fond with green tea.")], decoder) == [[]]


def test_texts_of_a_batch_do_not_mix(finder, rule_decoder):
    decoder = rule_decoder(lambda prompt, said: 9.0 if " of " in said or " to " in said else 0.0)
    texts = ["She was fond with green tea.", "No tea.", "They waved for the boat."]
    together = finder.collect([_findings(text) for text in texts], decoder)
    assert [[each.suggestions for each in mine] for mine in together] == [[("of",)], [], [("to",)]]


def test_the_shipped_counts_know_what_takes_what():
    shipped = Prepositions.load()
    for text, right in (
        ("The children were interested for a new game.", "in"),
        ("The town is famous by its bridges.", "for"),
        ("Our plans depend of the weather.", "on"),
    ):
        assert any(right in place.others for place in shipped.places(text)), text
