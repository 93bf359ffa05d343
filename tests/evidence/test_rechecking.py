"""Suggestions that would raise a flag of their own are dropped, quiet ones stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from backspeak.data import Evidence, Findings, Proposal, Segment
from backspeak.engines.decoder import TokenScores
from backspeak.evidence.rechecking import Change, Recheck
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank


@dataclass(frozen=True)
class Spot:
    start: int
    end: int


class OneWord:
    """Points at a word wherever it stands, and raises a flag there when told to."""

    def __init__(self, word: str, confidence: float) -> None:
        self.word, self.confidence, self.asked = word, confidence, []

    def places(self, text: str) -> Iterator[Spot]:
        start = text.find(self.word)
        if start >= 0:
            yield Spot(start, start + len(self.word))

    def collect(self, findings: Sequence[Findings], language_model) -> list[list[Evidence]]:
        self.asked += [each.segment.text for each in findings]
        assert all("alone_total" in each.likelihood for each in findings)
        return [
            [Evidence("x", "x", spot.start, spot.end, "grammar", "minor", (), self.confidence)]
            for each in findings
            for spot in self.places(each.segment.text)
        ]


@pytest.fixture(scope="module")
def bank() -> PhraseBank:
    return PhraseBank.load()


@pytest.fixture
def model(scripted_embedded):
    return scripted_embedded({}).language_model()


def _findings(text: str, words: str, *wordings: str) -> Findings:
    start = text.index(words)
    evidence = Evidence(
        "collocation", "r", start, start + len(words), "unidiomatic", "minor", wordings, 0.9,
        {"gain": 3.0, "probability": 0.9, "alternatives": [{"wording": wording} for wording in wordings]},
    )  # fmt: skip
    return Findings(Segment("a", "1", text), word_offsets(text), evidence=[evidence])


def test_a_wording_that_the_bank_calls_wrong_is_dropped(bank, model):
    findings = _findings("They shot a photo of the ferry.", "shot", "made", "took")
    Recheck(bank, []).keep_quiet_ones([findings], model)
    (evidence,) = findings.evidence
    assert evidence.suggestions == ("took",)
    assert evidence.details == {"alternatives": [{"wording": "took"}]}


def test_the_model_is_asked_where_counts_point_at_something_new(bank, model):
    findings = _findings("The old ferry was late.", "old", "wooden", "ancient")
    finder = OneWord("wooden ferry", 0.9)
    Recheck(bank, [finder]).keep_quiet_ones([findings], model)
    assert finder.asked == ["The wooden ferry was late."]
    assert findings.evidence[0].suggestions == ("ancient",)


def test_a_place_that_is_no_flag_does_no_harm(bank, model):
    findings = _findings("The old ferry was late.", "old", "wooden")
    untouched = findings.evidence[0]
    Recheck(bank, [OneWord("wooden ferry", 0.3)]).keep_quiet_ones([findings], model)
    assert findings.evidence == [untouched]


def test_what_was_flagged_before_is_not_new(bank, model):
    findings = _findings("The old ferry was late again.", "old", "ancient")
    findings.evidence.append(Evidence("x", "x", 18, 22, "grammar", "minor", (), 0.9))
    finder = OneWord("late", 0.9)
    Recheck(bank, [finder]).keep_quiet_ones([findings], model)
    assert (findings.evidence[0].suggestions, finder.asked) == (("ancient",), [])


@pytest.mark.parametrize(("confidence", "kept"), [(0.9, ()), (0.3, ("ancient",))])
def test_what_stood_there_without_a_flag_may_get_one(bank, model, confidence, kept):
    findings = _findings("The old ferry was late again.", "old", "ancient")
    finder = OneWord("late", confidence)
    Recheck(bank, [finder]).keep_quiet_ones([findings], model)
    assert findings.evidence[0].suggestions == kept
    assert finder.asked == ["The ancient ferry was late again."]


class Rewriter:
    """Keeps every word but one. One token a character."""

    def __init__(self, unkept: str) -> None:
        self.unkept = unkept
        self.read: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def token_scores(self, prompts: Sequence[str], texts: Sequence[str]) -> list[TokenScores]:
        self.read += [text[1:] for text in texts]
        scores = []
        for text in texts:
            likely, count, at = np.full(len(text), -0.01), np.arange(len(text)), text.find(self.unkept)
            if at >= 0:
                likely[at : at + len(self.unkept)] = -2.0
            scores.append(TokenScores(count, count + 1, likely, np.zeros(len(text)), np.ones(len(text))))
        return scores


def test_what_the_rewriter_would_not_keep_is_dropped(bank, model):
    findings = _findings("The old ferry was late.", "old", "wooden", "ancient")
    finder, rewriter = OneWord("wooden ferry", 0.9), Rewriter("wooden")
    Recheck(bank, [finder]).keep_quiet_ones([findings], model, rewriter)
    assert findings.evidence[0].suggestions == ("ancient",)
    assert sorted(rewriter.read) == ["The ancient ferry was late.", "The wooden ferry was late."]
    assert finder.asked == []


def test_what_it_doubted_before_is_not_held_against_a_wording(bank, model):
    findings = _findings("The old ferry was late.", "old", "ancient")
    Recheck(bank, []).keep_quiet_ones([findings], model, Rewriter("late"))
    assert findings.evidence[0].suggestions == ("ancient",)


def test_a_round_trip_offers_no_noisy_wording(bank, model):
    findings = _findings("The old ferry was late.", "old")
    findings.proposals = [
        Proposal(4, 7, wording, "es", 1, 3, gain=2.0, offered=True) for wording in ("wooden", "ancient")
    ]
    Recheck(bank, [OneWord("wooden", 0.9)]).keep_quiet_ones([findings], model)
    assert [each.offered for each in findings.proposals] == [False, True]


def test_new_is_what_lies_on_the_words_or_was_not_there():
    change = Change("one two three", 4, 7, "second")
    assert change.changed == "one second three"
    after = [Spot(0, 3), Spot(4, 10), Spot(11, 16)]
    assert change.new([Spot(0, 3), Spot(8, 13)], after) == [Spot(4, 10)]
    assert change.new([], after) == after
