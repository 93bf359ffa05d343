"""All figures of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backspeak.comparison.metrics import reference_metrics
from backspeak.comparison.pairing import Pair, Side
from backspeak.comparison.significance import RESAMPLES, SEED, TRIALS, PairedTest, paired_test
from backspeak.data import CheckedSegment
from backspeak.errors import InputError
from backspeak.signature import run_signature

# Points of 100 below which two scores of a segment are as good as equal.
TIE = 1.0
ALPHA = 0.05


def compare(
    a: Side, b: Side, pairs: Sequence[Pair], *, seed: int = SEED, progress: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Scores, wins and significance of two runs, ready for JSON. InputError if no pair was scored."""
    say = progress or (lambda what: None)
    scored = [pair for pair in pairs if pair.is_scored]
    if not scored:
        raise InputError(f"no segment was scored both there and in {b.path}; check both texts first", str(a.path))
    say("resampling the scores")
    score = paired_test(
        _weighted([each.a for each in scored]), _weighted([each.b for each in scored]), _mean, seed=seed
    )
    signature = run_signature(
        [f"segments:{len(scored)}", f"tie:{TIE:g}", f"bs:{RESAMPLES}", f"ar:{TRIALS}", f"seed:{seed}"]
    )
    with_reference = [pair for pair in pairs if _reference(pair) is not None and pair.is_scored]
    metrics = []
    if with_reference:
        say("computing BLEU, chrF and TER")
        a_texts = [pair.a.segment.text for pair in with_reference]
        b_texts = [pair.b.segment.text for pair in with_reference]
        references = [_reference(pair) or "" for pair in with_reference]
        for metric in reference_metrics(a_texts, b_texts, references):
            say(f"resampling {metric.name}")
            test = paired_test(metric.a, metric.b, metric.score, seed=seed)
            metrics.append(
                {
                    "name": metric.name,
                    "higher_is_better": metric.higher_is_better,
                    "segments": len(with_reference),
                    **_figures(test, metric.higher_is_better),
                    "signature": f"{metric.signature}|bs:{RESAMPLES}|ar:{TRIALS}|seed:{seed}",
                }
            )
    outcomes = [outcome(pair) for pair in scored]
    return {
        "a": {"name": a.name, "path": str(a.path), "signature": a.signature},
        "b": {"name": b.name, "path": str(b.path), "signature": b.signature},
        "segments": len(pairs),
        "scored": len(scored),
        "same_text": sum(pair.a.segment.text == pair.b.segment.text for pair in scored),
        "a_better": outcomes.count("a"),
        "b_better": outcomes.count("b"),
        "ties": outcomes.count("tie"),
        "score": {"name": "Score", "higher_is_better": True, "segments": len(scored), **_figures(score, True)},
        "metrics": metrics,
        "comparable": None if None in (a.signature, b.signature) else a.signature == b.signature,
        "signature": signature,
    }


def outcome(pair: Pair) -> str:
    """Which side of a scored pair is better: "a", "b", or "tie"."""
    return "tie" if abs(pair.difference) < TIE else "b" if pair.difference > 0 else "a"


def verdict(result: dict[str, Any]) -> str:
    """The comparison in one sentence."""
    score = result["score"]
    difference = score["difference"]
    if not score["significant"]:
        return "No significant difference between the two."
    better, worse = ("b", "a") if difference > 0 else ("a", "b")
    return (
        f"{result[better]['name']} is better than {result[worse]['name']} "
        f"by {abs(difference):.1f} points of 100, and that is unlikely to be chance."
    )


def is_worse(result: dict[str, Any]) -> bool:
    """Whether B is worse than A by more than chance."""
    return result["score"]["significant"] and result["score"]["difference"] < 0


def _figures(test: PairedTest, higher_is_better: bool) -> dict[str, Any]:
    significant = test.bootstrap_p < ALPHA and test.randomisation_p < ALPHA
    better = "b" if (test.difference > 0) == higher_is_better else "a"
    return {
        "a": round(test.a, 2),
        "b": round(test.b, 2),
        "difference": round(test.difference, 2),
        "low": round(test.low, 2),
        "high": round(test.high, 2),
        "bootstrap_p": round(test.bootstrap_p, 4),
        "randomisation_p": round(test.randomisation_p, 4),
        "significant": significant,
        "better": better if significant else None,
    }


def _weighted(checked: Sequence[CheckedSegment]) -> np.ndarray:
    """Rows of (words * score, words): the score of a corpus weighs its segments by words, as in summary.json."""
    words = np.array([max(1, len(each.words)) for each in checked], float)
    return np.stack([words * np.array([each.score for each in checked], float), words], axis=1)


def _mean(total: np.ndarray) -> float:
    return float(total[0] / total[1])


def _reference(pair: Pair) -> str | None:
    return pair.a.segment.reference if pair.a.segment.reference is not None else pair.b.segment.reference
