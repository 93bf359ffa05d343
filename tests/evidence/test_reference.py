"""Evidence from a human reference: it moves the doubt a little and flags nothing by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.data import Findings, Segment
from backspeak.evidence import reference
from backspeak.evidence.words import word_offsets
from backspeak.judge import Verdict

TEXT = "The mayor laid her faith in the ferry."
REFERENCE = "The mayor put her faith in ferries."


def _support(text: str, other: str) -> dict[str, int]:
    told = reference.support(text, other)
    return {text[start:end]: int(value) for (start, end), value in zip(word_offsets(text), told, strict=True)}


def test_words_of_the_reference_are_supported_and_strange_ones_are_not():
    assert _support(TEXT, REFERENCE) == {
        "The": 1,
        "mayor": 1,
        "laid": -1,
        "her": 1,
        "faith": 1,
        "in": 1,
        "the": 0,  # too short to tell
        "ferry": 0,  # there in another form
        ".": 0,
    }


def test_a_word_in_another_place_says_nothing():
    assert _support("Yesterday rain fell.", "Rain fell yesterday.") == {"Yesterday": 0, "rain": 1, "fell": 1, ".": 0}


def _weighed(text: str, other: str | None, probability: float = 0.5) -> Verdict:
    findings = Findings(Segment("a.txt", "1", text, reference=other), word_offsets(text))
    return reference.weighed(findings, Verdict(np.full(len(findings.words), probability), 0.5, 50.0))


def test_the_doubt_moves_by_log_odds():
    weighed = _weighed(TEXT, REFERENCE)
    odds = np.log(weighed.word_probability / (1 - weighed.word_probability))
    np.testing.assert_allclose(
        odds,
        [reference.SUPPORTED] * 2 + [reference.UNSUPPORTED] + [reference.SUPPORTED] * 3 + [0, 0, 0],
        atol=1e-9,
    )


def test_the_segment_follows_its_words():
    same, other = _weighed(TEXT, TEXT), _weighed(TEXT, "Nobody knows anything whatsoever.")
    assert same.error_probability < 0.5 < other.error_probability
    assert same.quality > 50 > other.quality


def test_a_sure_find_stays_one_and_a_clean_word_stays_clean():
    """A reference that says it otherwise must not decide alone."""
    assert _weighed(TEXT, TEXT, 0.9).word_probability.min() > 0.7
    assert _weighed(TEXT, "Nobody knows anything whatsoever.", 0.2).word_probability.max() < 0.3


@pytest.mark.parametrize("other", [None, ""])
def test_without_a_reference_nothing_changes(other):
    findings = Findings(Segment("a.txt", "1", TEXT, reference=other), word_offsets(TEXT))
    verdict = Verdict(np.full(len(findings.words), 0.3), 0.5, 50.0)
    assert reference.weighed(findings, verdict) is verdict
    assert reference.collect(TEXT, other) == []


@given(st.text(max_size=60), st.text(min_size=1, max_size=60), st.sampled_from([0.0, 1e-9, 0.5, 1.0]))
def test_any_texts_give_probabilities(text, other, probability):
    weighed = _weighed(text, other, probability)
    assert np.all((weighed.word_probability >= 0) & (weighed.word_probability <= 1))
    assert 0 <= weighed.error_probability <= 1
    assert 0 <= weighed.quality <= 100


def test_differences_are_evidence_without_a_confidence():
    (evidence, *_) = reference.collect(TEXT, REFERENCE)
    assert TEXT[evidence.start : evidence.end] == "laid"
    assert (evidence.kind, evidence.rule, evidence.confidence) == ("reference", "reference", None)
    assert evidence.suggestions == ("put",)
    assert evidence.details == {"original": "laid", "reference_wording": "put"}
