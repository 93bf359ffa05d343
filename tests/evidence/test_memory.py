"""Evidence from memories: a near approved sentence suggests its wording, and nothing more."""

from __future__ import annotations

import json

import numpy as np
import pytest

from backspeak.data import Findings, MemoryMatch, Segment
from backspeak.evidence import memory
from backspeak.evidence.words import word_offsets
from backspeak.judge import Verdict

TEXT = "The ferry departs tomorrow at noon from Pier 4."


class FixedMemory:
    """Stands in for a TranslationMemory: its match is given."""

    def __init__(self, match: MemoryMatch | None) -> None:
        self._match = match
        self.asked: list[tuple[str, str | None]] = []

    def best_match(self, text: str, source: str | None = None) -> MemoryMatch | None:
        self.asked.append((text, source))
        return self._match


def _match(text: str, similarity: float = 0.89, *, same_source: bool = False, origin: str = "tm.tmx") -> MemoryMatch:
    return MemoryMatch(text, similarity, "Паром отходит.", same_source, origin, "u1")


def _words(match: MemoryMatch | None):
    return [(TEXT[each.start : each.end], each.suggestions) for each in memory.collect(TEXT, match)]


def test_another_wording_is_a_suggestion():
    match = _match("The ferry leaves tomorrow at noon from Pier 4.")
    (evidence,) = memory.collect(TEXT, match)
    assert (evidence.kind, evidence.rule, evidence.severity) == ("memory", "memory", "minor")
    assert TEXT[evidence.start : evidence.end] == "departs"
    assert evidence.suggestions == ("leaves",)
    assert evidence.details == {
        "original": "departs",
        "approved_wording": "leaves",
        "approved": match.text,
        "similarity": 0.89,
        "memory": "tm.tmx",
        "unit": "u1",
    }
    assert json.loads(json.dumps(evidence.details)) == evidence.details


def test_the_same_source_is_surer():
    (text_alone,) = memory.collect(TEXT, _match("The ferry leaves tomorrow at noon from Pier 4."))
    match = _match("The ferry leaves tomorrow at noon from Pier 4.", 0.5, same_source=True)
    (with_source,) = memory.collect(TEXT, match)
    assert with_source.confidence > text_alone.confidence
    assert with_source.details["same_source"] is True


@pytest.mark.parametrize(
    "match",
    [
        None,
        _match(TEXT, 1.0),
        _match("The ferry leaves tomorrow at noon from Pier 4.", 0.79),
        _match("The ferry departs tomorrow at noon from Pier 7."),
        _match("The ferry departs tomorrow at noon from Quay 4."),
        _match(TEXT.replace(".", "!")),
        _match("A boat will sail at midday, say those in the old harbour.", 0.2, same_source=True),
    ],
    ids=["none", "exact", "far", "number", "name", "punctuation", "another sentence"],
)
def test_no_suggestion(match):
    assert _words(match) == []


def test_the_best_memory_speaks():
    low, high = _match("a", 0.8, origin="low"), _match("b", 0.9, origin="high")
    same_source = _match("c", 0.85, same_source=True, origin="source")
    segment = Segment("a.txt", "1", TEXT, source="Паром.")

    def best(*matches):
        found = memory.best_match(segment, [FixedMemory(match) for match in matches])
        return found and found.origin

    assert best(low, high, None) == best(None, high, low) == "high"
    assert best(high, same_source) == "source"
    assert best(same_source, _match(TEXT, 1.0, origin="exact")) == "exact"
    assert best(None) is None
    assert best() is None
    asked = FixedMemory(None)
    memory.best_match(segment, [asked])
    assert asked.asked == [(TEXT, "Паром.")]


def test_of_the_doubt_about_an_approved_sentence_little_is_left():
    verdict = Verdict(np.array([0.8, 0.2]), 0.6, 40.0)
    exact = Findings(Segment("a.txt", "1", "Two words"), word_offsets("Two words"), memory=_match("Two words", 1.0))
    weighed = memory.weighed(exact, verdict)
    np.testing.assert_allclose(weighed.word_probability, [0.04, 0.01])
    assert weighed.error_probability == pytest.approx(0.03)
    assert weighed.quality == pytest.approx(97.0)
    exact.memory = _match("Two worlds", 0.99)
    assert memory.weighed(exact, verdict) is verdict
