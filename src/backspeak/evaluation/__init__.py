"""Evaluation against human labels: correlations, word decisions, false alarms on clean text.

Labels are read from the extra keys of a JSONL line (`LABELS`); every figure comes with a bootstrap
95% interval over segments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from backspeak.data import CheckedSegment

# Human score of a segment, the first of these that a line has; higher is better.
SCORE_LABELS = ("score", "human_score", "da_z", "da_mean")
LABELS = (*SCORE_LABELS, "tokens", "word_tags", "clean")

# Characters of the text that may lie between two tokens.
_GAP = 3

RESAMPLES = 500
SEED = 12345


@dataclass(frozen=True)
class Labelled:
    """A checked segment with its labels: a human score, a truth value a word, or known to be clean."""

    checked: CheckedSegment
    human_score: float | None
    word_truth: np.ndarray | None  # bool, one a word of `checked`
    clean: bool


def labelled(checked: CheckedSegment, labels: Mapping[str, Any]) -> Labelled:
    """Join a checked segment with the labels of its line. Raises ValueError for unusable labels."""
    score = next((float(labels[name]) for name in SCORE_LABELS if labels.get(name) is not None), None)
    truth = None
    if labels.get("word_tags") is not None:
        truth = word_truth(checked, labels.get("tokens") or checked.segment.text.split(), labels["word_tags"])
    return Labelled(checked, score, truth, bool(labels.get("clean")))


def word_truth(checked: CheckedSegment, tokens: Sequence[str], tags: Sequence[str]) -> np.ndarray:
    """OK/BAD tags of a tokenised text carried over to our words, one bool a word."""
    ranges = bad_ranges(checked.segment.text, tokens, tags)
    return overlaps([(word.start, word.end) for word in checked.words], ranges)


def bad_ranges(text: str, tokens: Sequence[str], tags: Sequence[str]) -> list[tuple[int, int]]:
    """Offsets of the tokens tagged BAD; a token that tokenisation has changed is passed over."""
    if len(tokens) != len(tags):
        raise ValueError(f"{len(tokens)} tokens but {len(tags)} word_tags")
    at, passed, ranges = 0, 0, []
    for token, tag in zip(tokens, tags, strict=True):
        # Further on than what was passed over can take, it would be another token that looks alike.
        place = text.find(token, at, at + 2 * passed + len(token) + _GAP)
        if place < 0:
            passed += len(token) + 1
            continue
        at, passed = place + len(token), 0
        if tag == "BAD":
            ranges.append((place, at))
    return ranges


def overlaps(words: Sequence[tuple[int, int]], ranges: Sequence[tuple[int, int]]) -> np.ndarray:
    """Which words share a character with one of the ranges, one bool a word."""
    return np.array([any(a < end and b > start for a, b in ranges) for start, end in words], bool)


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation; NaN where one side does not vary."""
    return float(np.corrcoef(x, y)[0, 1]) if len(x) > 1 and np.ptp(x) > 0 and np.ptp(y) > 0 else float("nan")


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Spearman's rank correlation, ties by their mean rank."""
    return pearson(_ranks(x), _ranks(y))


def _ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse].astype(float)


def matthews(truth: np.ndarray, decision: np.ndarray) -> float:
    """Matthews correlation coefficient of two boolean arrays; 0 where one side does not vary, by convention."""
    return float(np.nan_to_num(pearson(truth.astype(float), decision.astype(float))))


def f1(truth: np.ndarray, decision: np.ndarray) -> float:
    """F1 of the true class."""
    hits = int((truth & decision).sum())
    return 2 * hits / max(1, int(truth.sum() + decision.sum()))


def evaluate(items: Sequence[Labelled]) -> dict[str, Any]:
    """All figures that the labels allow, each as {"value", "low", "high"} with the number of segments."""
    items = [item for item in items if item.checked.status == "ok"]
    result: dict[str, Any] = {"segments": len(items), "words": sum(len(item.checked.words) for item in items)}
    scored = [item for item in items if item.human_score is not None]
    if len(scored) > 1:
        ours = np.array([item.checked.score for item in scored])
        human = np.array([item.human_score for item in scored])
        result["pearson"] = _interval(len(scored), lambda pick: pearson(ours[pick], human[pick]))
        result["spearman"] = _interval(len(scored), lambda pick: spearman(ours[pick], human[pick]))
    tagged = [item for item in items if item.word_truth is not None]
    if tagged:
        truth = [item.word_truth for item in tagged]
        bad = [np.array([word.bad for word in item.checked.words], bool) for item in tagged]

        def over(measure: Callable[[np.ndarray, np.ndarray], float]) -> dict[str, float]:
            return _interval(
                len(tagged),
                lambda pick: measure(np.concatenate([truth[i] for i in pick]), np.concatenate([bad[i] for i in pick])),
            )

        result["mcc"] = over(matthews)
        result["f1_bad"] = over(f1)
        result["f1_ok"] = over(lambda t, d: f1(~t, ~d))
    clean = [item.checked for item in items if item.clean]
    if clean:
        words = np.array([sum(any(c.isalnum() for c in _word(each, w)) for w in each.words) for each in clean])
        for name, severities in (("flags", None), ("major_flags", ("major", "critical"))):
            flags = np.array(
                [sum(severities is None or span.severity in severities for span in each.spans) for each in clean]
            )
            result[f"{name}_per_1000_clean_words"] = _interval(len(clean), partial(_per_1000, flags, words))
    return result


def _per_1000(flags: np.ndarray, words: np.ndarray, pick: np.ndarray) -> float:
    return 1000 * flags[pick].sum() / max(1, words[pick].sum())


def _word(checked: CheckedSegment, word) -> str:
    return checked.segment.text[word.start : word.end]


def _interval(count: int, measure: Callable[[np.ndarray], float]) -> dict[str, float]:
    """The figure on all segments and its bootstrap percentiles (Efron 1979), seeded."""
    generator = np.random.default_rng(SEED)
    draws = [measure(generator.integers(0, count, count)) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(draws, [2.5, 97.5]) if np.isfinite(draws).any() else (float("nan"),) * 2
    return {
        "value": round(measure(np.arange(count)), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "segments": count,
    }
