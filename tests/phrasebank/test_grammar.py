"""The table of grammar: certain faults only, and none in what looks like one."""

from __future__ import annotations

import pytest

from backspeak.phrasebank import PhraseBank


@pytest.fixture(scope="module")
def bank() -> PhraseBank:
    return PhraseBank.load()


def _mended(bank: PhraseBank, text: str) -> str:
    (match,) = bank.find(text)
    assert match.entry.table == "grammar"
    return text[: match.start] + match.suggestions[0] + text[match.end :]


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("Every bidder must to have a permit.", "Every bidder must have a permit."),
        ("She must to have a permit.", "She must have a permit."),
        ("They can to row across.", "They can row across."),
        ("We waited, but he cannot to row.", "We waited, but he cannot row."),
        ("There is not tickets for Friday.", "There are no tickets for Friday."),
        ("It rained, and there was not trains.", "It rained, and there were no trains."),
        ("There is many doors in the house.", "There are many doors in the house."),
    ],
)
def test_a_certain_fault_is_mended(bank: PhraseBank, bad: str, good: str) -> None:
    assert _mended(bank, bad) == good


@pytest.mark.parametrize(
    "text",
    [
        "The castle is a must to see.",
        "They do what they must to survive.",
        "They did all they could to help.",
        "She gave as much as she can to the school.",
        "There is many a slip.",
        "There is not a ticket left.",
        "There is no doubt about it.",
    ],
)
def test_what_only_looks_like_one_is_left_alone(bank: PhraseBank, text: str) -> None:
    assert bank.find(text) == []
