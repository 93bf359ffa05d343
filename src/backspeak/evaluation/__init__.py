"""Evaluation against human labels: correlations, word decisions, spans, false alarms on clean text.

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
LABELS = (*SCORE_LABELS, "tokens", "word_tags", "spans", "has_error", "pair", "good", "clean")

# Characters of the text that may lie between two tokens.
_GAP = 3

RESAMPLES = 500
SEED = 12345
# Comparisons of two segments that one resampled Kendall's tau may take in all.
_COMPARISONS = 10**9
_CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Labelled:
    """A checked segment with its labels; what its line does not say is None.

    `unit_truth`, `unit_decision`, `unit_probability` have one entry a labelled token (or word):
    is it bad, did we say so, how likely we found it. `true_spans` are offsets of the real errors.
    """

    checked: CheckedSegment
    human_score: float | None = None
    unit_truth: np.ndarray | None = None
    unit_decision: np.ndarray | None = None
    unit_probability: np.ndarray | None = None
    true_spans: tuple[tuple[int, int], ...] | None = None
    has_error: bool | None = None
    pair: str | None = None
    good: bool | None = None
    clean: bool = False


def labelled(checked: CheckedSegment, labels: Mapping[str, Any]) -> Labelled:
    """Join a checked segment with the labels of its line. Raises ValueError for unusable labels."""
    score = next((float(labels[name]) for name in SCORE_LABELS if labels.get(name) is not None), None)
    truth = decision = probability = spans = None
    if labels.get("word_tags") is not None:
        tokens, tags = labels.get("tokens") or checked.segment.text.split(), labels["word_tags"]
        truth = np.array([tag == "BAD" for tag in tags], bool)
        places = token_ranges(checked.segment.text, tokens, tags)
        decision, probability = _by_token(checked, places)
        spans = tuple(_runs([place for place, bad in zip(places, truth, strict=True) if bad and place], places))
    if labels.get("spans") is not None:
        spans = tuple((int(span["start"]), int(span["end"])) for span in labels["spans"])
    pair, good = labels.get("pair"), labels.get("good")
    if (pair is None) != (good is None):
        raise ValueError("`pair` and `good` go together: which pair, and whether this is its good side")
    error = labels.get("has_error")
    clean = bool(labels.get("clean"))
    return Labelled(
        checked, score, truth, decision, probability, spans,
        None if error is None else bool(error), None if pair is None else str(pair),
        None if good is None else bool(good), clean,
    )  # fmt: skip


def _by_token(checked: CheckedSegment, places: Sequence[tuple[int, int] | None]) -> tuple[np.ndarray, np.ndarray]:
    """Decision and probability for each labelled token: those of the worst word it shares a character with."""
    decision, probability = np.zeros(len(places), bool), np.zeros(len(places))
    for index, place in enumerate(places):
        if place is not None:
            mine = [word for word in checked.words if word.start < place[1] and word.end > place[0]]
            decision[index] = any(word.bad for word in mine)
            probability[index] = max((word.error_probability for word in mine), default=0.0)
    return decision, probability


def _runs(bad: Sequence[tuple[int, int]], places: Sequence[tuple[int, int] | None]) -> list[tuple[int, int]]:
    """Neighbouring bad tokens as one span."""
    order = {place: index for index, place in enumerate(places)}
    spans: list[tuple[int, int]] = []
    last = None
    for place in bad:
        if last is not None and order[place] == last + 1:
            spans[-1] = (spans[-1][0], place[1])
        else:
            spans.append(place)
        last = order[place]
    return spans


def token_ranges(text: str, tokens: Sequence[str], tags: Sequence[str]) -> list[tuple[int, int] | None]:
    """Offsets of each token in the text; None for one that tokenisation has changed."""
    if len(tokens) != len(tags):
        raise ValueError(f"{len(tokens)} tokens but {len(tags)} word_tags")
    at, passed = 0, 0
    ranges: list[tuple[int, int] | None] = []
    for token in tokens:
        # Further on than what was passed over can take, it would be another token that looks alike.
        place = text.find(token, at, at + 2 * passed + len(token) + _GAP)
        if place < 0:
            passed += len(token) + 1
            ranges.append(None)
            continue
        at, passed = place + len(token), 0
        ranges.append((place, at))
    return ranges


def bad_ranges(text: str, tokens: Sequence[str], tags: Sequence[str]) -> list[tuple[int, int]]:
    """Offsets of the tokens tagged BAD; a token that tokenisation has changed is passed over."""
    places = token_ranges(text, tokens, tags)
    return [place for place, tag in zip(places, tags, strict=True) if tag == "BAD" and place is not None]


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


def kendall(x: np.ndarray, y: np.ndarray) -> float:
    """Kendall's tau-b (Kendall 1945), which allows for ties; NaN where one side does not vary."""
    concordant, tied_x, tied_y, pairs = 0.0, 0, 0, len(x) * (len(x) - 1) // 2
    for index in range(len(x) - 1):
        first, second = np.sign(x[index + 1 :] - x[index]), np.sign(y[index + 1 :] - y[index])
        concordant += float(first @ second)
        tied_x += int((first == 0).sum())
        tied_y += int((second == 0).sum())
    scale = float(np.sqrt(float(pairs - tied_x) * float(pairs - tied_y)))
    return concordant / scale if scale else float("nan")


def average_precision(truth: np.ndarray, probability: np.ndarray) -> float:
    """Mean precision over the true ones, ranked by probability; ties count as one step. NaN without a true one."""
    if not truth.any():
        return float("nan")
    order = np.argsort(-probability, kind="stable")
    last_of_tie = np.append(np.diff(probability[order]) != 0, True)
    hits = np.cumsum(truth[order])[last_of_tie]
    precision = hits / (np.flatnonzero(last_of_tie) + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / truth.sum())


def calibration_error(truth: np.ndarray, probability: np.ndarray) -> float:
    """Expected calibration error (Naeini et al. 2015): ten bins of equal width, weighted by their size."""
    bins = np.minimum((probability * _CALIBRATION_BINS).astype(int), _CALIBRATION_BINS - 1)
    gaps = [
        (bins == b).sum() * abs(truth[bins == b].mean() - probability[bins == b].mean())
        for b in range(_CALIBRATION_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps) / max(1, len(truth)))


def evaluate(items: Sequence[Labelled]) -> dict[str, Any]:
    """All figures that the labels allow, each as {"value", "low", "high"} with the number of segments."""
    items = [item for item in items if item.checked.status == "ok"]
    result: dict[str, Any] = {"segments": len(items), "words": sum(len(item.checked.words) for item in items)}
    result |= _of_scores([item for item in items if item.human_score is not None])
    result |= _of_units([item for item in items if item.unit_truth is not None])
    result |= _of_spans([item for item in items if item.true_spans is not None])
    stated = [item for item in items if item.has_error is not None]
    if stated:
        truth = np.array([item.has_error for item in stated], bool)
        probability = np.array([item.checked.error_probability for item in stated])
        result["segment_average_precision"] = _interval(
            len(stated), lambda pick: average_precision(truth[pick], probability[pick])
        )
        result["segment_calibration_error"] = _interval(
            len(stated), lambda pick: calibration_error(truth[pick], probability[pick])
        )
    result |= _of_pairs([item for item in items if item.pair is not None])
    result |= _of_clean([item.checked for item in items if item.clean])
    return result


def _of_scores(items: Sequence[Labelled]) -> dict[str, Any]:
    if len(items) < 2:
        return {}
    ours = np.array([item.checked.score for item in items])
    human = np.array([item.human_score for item in items])
    few = max(20, min(RESAMPLES, _COMPARISONS // len(items) ** 2))
    return {
        "pearson": _interval(len(items), lambda pick: pearson(ours[pick], human[pick])),
        "spearman": _interval(len(items), lambda pick: spearman(ours[pick], human[pick])),
        "kendall": _interval(len(items), lambda pick: kendall(ours[pick], human[pick]), few),
    }


def _of_units(items: Sequence[Labelled]) -> dict[str, Any]:
    if not items:
        return {}

    def over(name: str, measure: Callable[[np.ndarray, np.ndarray], float]) -> dict[str, float]:
        truth, said = [item.unit_truth for item in items], [getattr(item, name) for item in items]
        return _interval(
            len(items),
            lambda pick: measure(np.concatenate([truth[i] for i in pick]), np.concatenate([said[i] for i in pick])),
        )

    return {
        "mcc": over("unit_decision", matthews),
        "f1_bad": over("unit_decision", f1),
        "f1_ok": over("unit_decision", lambda t, d: f1(~t, ~d)),
        "average_precision": over("unit_probability", average_precision),
        "calibration_error": over("unit_probability", calibration_error),
    }


def _of_spans(items: Sequence[Labelled]) -> dict[str, Any]:
    """A flag is right when it shares a character with a real error, a real error found when a flag does with it."""
    counts = []
    for item in items:
        flags, errors = [(span.start, span.end) for span in item.checked.spans], item.true_spans or ()
        right, found = overlaps(flags, errors), overlaps(errors, flags)
        counts.append((right.sum(), len(flags), found.sum(), len(errors)))
    if not counts:
        return {}
    table = np.array(counts, float)

    def ratio(part: int, whole: int) -> Callable[[np.ndarray], float]:
        def measure(pick: np.ndarray) -> float:
            total = table[pick, whole].sum()
            return float(table[pick, part].sum() / total) if total else float("nan")

        return measure

    return {"span_precision": _interval(len(items), ratio(0, 1)), "span_recall": _interval(len(items), ratio(2, 3))}


def _of_pairs(items: Sequence[Labelled]) -> dict[str, Any]:
    """How often the good side of a pair scores higher; equal scores count as half."""
    sides: dict[str, dict[bool, float]] = {}
    for item in items:
        if item.pair is not None and item.good is not None and item.checked.score is not None:
            sides.setdefault(item.pair, {})[item.good] = item.checked.score
    won = np.array([0.5 * (1 + np.sign(each[True] - each[False])) for each in sides.values() if len(each) == 2])
    return {"pairwise_accuracy": _interval(len(won), lambda pick: float(won[pick].mean()))} if len(won) else {}


def _of_clean(clean: Sequence[CheckedSegment]) -> dict[str, Any]:
    if not clean:
        return {}
    result = {}
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


def _interval(count: int, measure: Callable[[np.ndarray], float], resamples: int = RESAMPLES) -> dict[str, Any]:
    """The figure on all segments and its bootstrap percentiles (Efron 1979), seeded; null where undefined."""
    generator = np.random.default_rng(SEED)
    draws = np.array([measure(generator.integers(0, count, count)) for _ in range(resamples)])
    low, high = np.nanpercentile(draws, [2.5, 97.5]) if np.isfinite(draws).any() else (float("nan"),) * 2

    def figure(value: float) -> float | None:
        return round(float(value), 4) if np.isfinite(value) else None

    return {
        "value": figure(measure(np.arange(count))), "low": figure(low), "high": figure(high), "segments": count,
    }  # fmt: skip
