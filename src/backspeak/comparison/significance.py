"""Is a difference between two systems more than chance? Two paired tests over segments.

Both work on sufficient statistics: one row of numbers a segment, whose sum over segments gives the score
of a corpus. A weighted mean has the columns weight * score and weight; BLEU has its n-gram counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# As many as sacreBLEU takes by default.
RESAMPLES = 1000
TRIALS = 10_000
SEED = 12345

# Random numbers drawn at once: bounds the memory, whatever the number of segments.
_AT_ONCE = 4_000_000

Score = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class PairedTest:
    """Scores of a corpus by both systems, and how sure their difference (B minus A) is.

    `low` and `high` bound it with 95% confidence (percentile bootstrap); the p-values are two-sided:
    `bootstrap_p` (Koehn 2004, centred as Riezler and Maxwell 2005 ask for), `randomisation_p`
    (approximate randomisation, Noreen 1989).
    """

    a: float
    b: float
    low: float
    high: float
    bootstrap_p: float
    randomisation_p: float

    @property
    def difference(self) -> float:
        """B minus A."""
        return self.b - self.a


def paired_test(
    a: np.ndarray, b: np.ndarray, score: Score, *, resamples: int = RESAMPLES, trials: int = TRIALS, seed: int = SEED
) -> PairedTest:
    """Test the difference of `score` between the statistics `a` and `b`, both (segments, columns)."""
    if a.shape != b.shape or a.ndim != 2 or not len(a):
        raise ValueError(f"statistics of shapes {a.shape} and {b.shape} are not of the same segments")
    a, b = a.astype(float), b.astype(float)
    score_a, score_b = float(score(a.sum(0))), float(score(b.sum(0)))
    real = score_b - score_a
    generator = np.random.default_rng(seed)
    drawn = _bootstrap(a, b, score, resamples, generator)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return PairedTest(
        score_a,
        score_b,
        float(low),
        float(high),
        _p_value(drawn - drawn.mean(), real),
        _p_value(_randomised(a, b, score, trials, generator), real),
    )


def _bootstrap(a: np.ndarray, b: np.ndarray, score: Score, resamples: int, generator: np.random.Generator):
    """Differences of `resamples` corpora, each of as many segments drawn with replacement."""
    number = len(a)
    drawn = np.empty(resamples)
    for at in range(resamples):
        counts = np.bincount(generator.integers(0, number, number), minlength=number).astype(float)
        drawn[at] = score(counts @ b) - score(counts @ a)
    return drawn


def _randomised(a: np.ndarray, b: np.ndarray, score: Score, trials: int, generator: np.random.Generator) -> np.ndarray:
    """Differences of `trials` pairs of pseudo-systems, which swap each segment by a coin."""
    difference = b - a
    total_a, total_b = a.sum(0), b.sum(0)
    found = []
    rows = max(1, _AT_ONCE // len(a))
    for start in range(0, trials, rows):
        coins = generator.integers(2, size=(min(rows, trials - start), len(a)), dtype=np.int8)
        moved = coins.astype(np.float32) @ difference
        found += [score(total_b - each) - score(total_a + each) for each in moved]
    return np.array(found)


def _p_value(by_chance: np.ndarray, real: float) -> float:
    """Share of differences by chance that are at least the real one; the real one counts among them."""
    # What is equal but for rounding is equal: two identical systems must give 1.
    at_least = int((np.abs(by_chance) >= abs(real) - 1e-9).sum())
    return (at_least + 1) / (len(by_chance) + 1)
