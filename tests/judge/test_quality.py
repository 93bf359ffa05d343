"""The quality gate: floors on our own pairs of a wrong and a natural wording. An update may raise them, not lower them.

The judge reads the text alone, as in the fast tier: the encoder, no language model, no round trip.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from backspeak.data import Findings, Segment
from backspeak.evaluation import average_precision, overlaps
from backspeak.evidence.words import word_offsets
from backspeak.judge import Judge
from backspeak.spans import flag_probability

# Measured: .292 (a guess would have .184), .788, 17.3 words a thousand.
FLOOR_PRECISION, FLOOR_WON, CEILING_FLAGGED = 0.28, 0.77, 19.0
PAIRS = Path(__file__).parents[1] / "pairs" / "held-out.tsv"


@pytest.fixture(scope="module")
def judged():
    """(row, findings and verdict of the bad side, of the good side) of every pair."""
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    texts = [row[side] for row in rows for side in ("bad", "good")]
    findings = [Findings(Segment("pairs", str(n), text), word_offsets(text)) for n, text in enumerate(texts)]
    judge = Judge(threads=1)
    both = list(zip(findings, judge.judge(findings), strict=True))
    return judge.operating_point(), list(zip(rows, both[::2], both[1::2], strict=True))


def _truth(row: dict[str, str], findings: Findings) -> np.ndarray:
    starts = [(row["bad"].find(part), len(part)) for part in row["bad_words"].split("|")]
    return overlaps(findings.words, [(start, start + length) for start, length in starts])


def test_wrong_words_are_doubted_more_than_the_others(judged):
    _, pairs = judged
    truth = np.concatenate([_truth(row, bad[0]) for row, bad, _ in pairs])
    doubt = np.concatenate([bad[1].word_probability for _, bad, _ in pairs])
    assert average_precision(truth, doubt) >= FLOOR_PRECISION


def test_the_natural_wording_scores_higher(judged):
    _, pairs = judged
    won = [bad[1].quality < good[1].quality for _, bad, good in pairs]
    assert np.mean(won) >= FLOOR_WON


def test_natural_wording_is_left_alone(judged):
    point, pairs = judged
    flagged = words = 0
    for _, _, (findings, verdict) in pairs:
        flagged += int((flag_probability(findings, verdict.word_probability) >= point.minor).sum())
        words += len(findings.words)
    assert 1000 * flagged / words <= CEILING_FLAGGED
