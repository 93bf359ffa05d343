"""Coined negations: only lost compounds that nobody writes are evidence."""

from __future__ import annotations

import pytest

from backspeak.data import BackTranslation, Findings, Segment
from backspeak.evidence.coinage import Coinages
from backspeak.evidence.words import word_offsets

TEXT = "The council ended its {} campaign in spring."
COINED = "non-road-mending"
KEPT = "El consejo terminó su campaña de no reparar caminos."
LOST = "The council ended its campaign."


@pytest.fixture(scope="module")
def coinages() -> Coinages:
    return Coinages.load()


def _findings(word=COINED, round_trips=(LOST, LOST), degenerate=False) -> Findings:
    text = TEXT.format(word)
    back = [BackTranslation("es", KEPT, each, 50.0, degenerate) for each in round_trips]
    return Findings(Segment("d", "1", text), word_offsets(text), back_translations=back)


@pytest.mark.parametrize("word", [COINED, "Non-Truth-Speaking", "non-law-abiding-looking"])
def test_a_compound_that_no_round_trip_gives_back_is_evidence(coinages, word):
    (found,) = coinages.collect(_findings(word))
    assert TEXT.format(word)[found.start : found.end] == word
    assert (found.severity, found.rule) == ("major", "coinage.negation")


@pytest.mark.parametrize("word", ["non-life-threatening", "non-English-speaking", "non-cancer-related", "non-stop"])
def test_compounds_that_people_write_are_left_alone(coinages, word):
    assert coinages.collect(_findings(word)) == []


@pytest.mark.parametrize(
    "findings",
    [
        _findings(round_trips=(f"It ended its {COINED} campaign.", "It ended its campaign.")),
        _findings(round_trips=(LOST,)),
        _findings(degenerate=True),
    ],
    ids=["kept once", "one round trip only", "unusable round trips"],
)
def test_anything_less_is_no_evidence(coinages, findings):
    assert coinages.collect(findings) == []
