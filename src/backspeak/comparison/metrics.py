"""sacreBLEU's metrics as sufficient statistics, for tests that resample them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.metrics import BLEU, CHRF, TER

from backspeak.comparison.significance import Score


@dataclass(frozen=True)
class Metric:
    """A metric with the statistics of both systems, arrays of (segments, columns)."""

    name: str
    a: np.ndarray
    b: np.ndarray
    score: Score
    signature: str
    higher_is_better: bool


def reference_metrics(a: Sequence[str], b: Sequence[str], references: Sequence[str]) -> Iterator[Metric]:
    """BLEU, chrF and TER of two lists of translations against one list of references."""
    for name, metric in (("BLEU", BLEU()), ("chrF", CHRF()), ("TER", TER())):
        # The statistics behind corpus_score have no public name; sacreBLEU's own paired tests read them so.
        statistics = [
            np.array(metric._extract_corpus_statistics(translations, [references]), float) for translations in (a, b)
        ]

        def score(total: np.ndarray, metric=metric) -> float:
            return float(metric._compute_score_from_stats(total.tolist()).score)

        yield Metric(name, statistics[0], statistics[1], score, str(metric.get_signature()), name != "TER")
