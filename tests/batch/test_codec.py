"""Findings and verdicts come back from bytes as they were, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from backspeak.batch import worker
from backspeak.batch.codec import decode, encode
from backspeak.data import BackTranslation, Evidence, Findings, Proposal, Segment
from backspeak.judge import Verdict
from backspeak.pipeline import Examined

SEGMENT = Segment("a.txt", "7", "She laid “faith” in 🚢s.", source="Ella…", source_lang="es")


@pytest.fixture
def findings() -> Findings:
    return Findings(
        SEGMENT,
        [(0, 3), (4, 8)],
        "pivot",
        {
            "alone_total": np.array([-1.1, np.nan]),
            "alone_rank": np.array([0.1, 3.4], dtype=np.float32),
            "alone_tokens": np.array([1, 2]),
            "given_least": np.array([-np.inf, 1 / 3]),
        },
        [
            BackTranslation("es", "Puso «fe».", "She put “faith”.", 61.2, True, "the way back loops"),
            BackTranslation(
                "es", "Puso.", "She put.", 50.0, retried="the way out is empty", lost=("brackets", "name X")
            ),
        ],
        [Proposal(4, 8, "put", "es", 2, 3, 7.01, -0.0, float("-inf"), ("es", "de"))],
        [Evidence("typography", "typography.x", 9, 16, "punctuation", "minor", ("‘", "’"), 0.9, {"a": [1, None]})],
    )


def test_what_is_read_is_what_was_kept(findings: Findings) -> None:
    verdict = Verdict(np.array([0.1, 1 / 3], dtype=np.float32), 0.7, 55.5)
    again, verdict_again = decode(encode(findings, verdict), SEGMENT)
    assert again.words == findings.words
    assert again.segment is SEGMENT
    assert (again.mode, again.back_translations, again.proposals, again.evidence) == (
        findings.mode, findings.back_translations, findings.proposals, findings.evidence,
    )  # fmt: skip
    assert again.likelihood.keys() == findings.likelihood.keys()
    for name, values in findings.likelihood.items():
        assert again.likelihood[name].dtype == values.dtype
        np.testing.assert_array_equal(again.likelihood[name], values)
    assert (verdict_again.error_probability, verdict_again.quality) == (0.7, 55.5)
    assert verdict_again.word_probability.dtype == np.float32
    np.testing.assert_array_equal(verdict_again.word_probability, verdict.word_probability)


def test_findings_that_lack_a_pivot_are_not_kept(findings: Findings) -> None:
    """It may be back the next time."""
    verdict = Verdict(np.array([0.1, 0.2], dtype=np.float32), 0.7, 55.5)
    assert worker._encoded(Examined(findings, verdict)) is not None
    findings.failed_pivots["de"] = "ModelError: damaged"
    assert worker._encoded(Examined(findings, verdict)) is None


def test_damaged_bytes_are_an_error(findings: Findings) -> None:
    kept = encode(findings, Verdict(np.zeros(2), 0.0, 100.0))
    for damaged in (b"", kept[:-8], kept[:20] + b"x" + kept[21:]):
        with pytest.raises((ValueError, KeyError, TypeError)):
            decode(damaged, SEGMENT)
