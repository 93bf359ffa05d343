"""Scores: one number a segment, one a document, from the judge's verdict and the flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sacrebleu.metrics import BLEU, CHRF, TER

from backspeak.data import TYPOGRAPHY, CheckedSegment, ErrorSpan, Severity, Status, Suppression
from backspeak.judge import Verdict
from backspeak.spans import ADVISORY_RULES

# What a flag that the judge cannot see (a rule of its own) takes off the score, as a share. The
# ratio of the MQM weights (1, 5, 10); the size was chosen by us, not fitted.
RULE_COST = {"minor": 0.01, "major": 0.05, "critical": 0.10}
# An untranslated text keeps next to nothing.
WHOLE_COST = 0.95
JUDGED_RULES = ("round-trip", "rewriting", "likelihood")

_BLEU, _SENTENCE_BLEU, _CHRF, _TER = BLEU(), BLEU(effective_order=True), CHRF(), TER()
# Name, the metric of a corpus, and that of one segment.
_METRICS = (("bleu", _BLEU, _SENTENCE_BLEU), ("chrf", _CHRF, _CHRF), ("ter", _TER, _TER))


def segment_score(verdict: Verdict, spans: Sequence[ErrorSpan]) -> tuple[float, float]:
    """(score 0..100, error probability 0..1) of a segment."""
    score, clean = verdict.quality, 1.0 - verdict.error_probability
    for span in spans:
        if span.rule not in (*JUDGED_RULES, *ADVISORY_RULES):
            cost = (
                WHOLE_COST
                if span.category == "untranslated" and span.severity == "critical"
                else RULE_COST[span.severity]
            )
            score *= 1.0 - cost * span.confidence
            clean *= 1.0 - span.confidence
    return score, 1.0 - clean


def reference_metrics(text: str, reference: str) -> dict[str, float]:
    """sacreBLEU's sentence BLEU, chrF and TER against one human reference."""
    return {
        "chrf": round(_CHRF.sentence_score(text, [reference]).score, 2),
        "bleu": round(_SENTENCE_BLEU.sentence_score(text, [reference]).score, 2),
        "ter": round(_TER.sentence_score(text, [reference]).score, 2),
    }


@dataclass(frozen=True)
class Counts:
    """What one checked segment adds to the totals; small enough to be kept for a million of them."""

    document: str
    status: Status
    score: float | None
    words: int
    severities: tuple[Severity, ...]  # one a flag, as are the next
    categories: tuple[str, ...]
    suppressed: tuple[Suppression, ...] = ()  # one a flag that is not raised
    # What the metrics against the reference add up, in the order of _METRICS; empty without a reference.
    statistics: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def of(cls, checked: CheckedSegment) -> Counts:
        return cls(
            checked.segment.document,
            checked.status,
            checked.score,
            len(checked.words),
            tuple(span.severity for span in checked.spans),
            tuple(span.category for span in checked.spans),
            tuple(each.by for each in checked.suppressed),
            _statistics(checked),
        )


def _statistics(checked: CheckedSegment) -> tuple[tuple[float, ...], ...]:
    text, reference = checked.segment.text, checked.segment.reference
    if checked.status != "ok" or not reference:
        return ()
    # The statistics behind corpus_score have no public name; sacreBLEU's own paired tests read them so.
    return tuple(tuple(metric._extract_corpus_statistics([text], [[reference]])[0]) for _, metric, _ in _METRICS)


class Totals:
    """Counts and scores in all and by document, added up segment by segment.

    Scores are means weighted by words. The sums depend on the order, so add in the order of the record.
    """

    def __init__(self) -> None:
        self._all = _Total()
        self._documents: dict[str, _Total] = {}
        self._metrics = _CorpusMetrics()

    def add(self, counts: Counts) -> None:
        self._all.add(counts)
        self._metrics.add(counts)
        self._documents.setdefault(counts.document, _Total()).add(counts)

    def result(self) -> dict[str, Any]:
        """The totals as summary.json has them."""
        documents = [{"document": name, **total.result()} for name, total in self._documents.items()]
        metrics = self._metrics.result()
        return {**self._all.result(), **({"metrics": metrics} if metrics else {}), "documents": documents}


class _Total:
    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._severities: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()  # those of the wording, by severity
        self._categories: Counter[str] = Counter()
        self._suppressed: Counter[str] = Counter()
        self._flagged = self._with_errors = self._words = self._weight = 0
        self._weighted_score = 0.0

    def add(self, counts: Counts) -> None:
        self._statuses[counts.status] += 1
        if counts.status != "ok" or counts.score is None:
            return
        weight = max(1, counts.words)
        self._weight += weight
        self._weighted_score += weight * counts.score
        self._words += counts.words
        self._flagged += bool(counts.severities)
        self._severities.update(counts.severities)
        flags = zip(counts.severities, counts.categories, strict=True)
        errors = [severity for severity, category in flags if category not in TYPOGRAPHY]
        self._with_errors += bool(errors)
        self._errors.update(errors)
        self._categories.update(counts.categories)
        self._suppressed.update(counts.suppressed)

    def result(self) -> dict[str, Any]:
        return {
            "score": round(self._weighted_score / self._weight, 1) if self._weight else None,
            "segments": self._statuses.total(),
            "flagged": self._flagged,
            "skipped": self._statuses["skipped"],
            "failed": self._statuses["failed"],
            "words": self._words,
            "severities": dict(sorted(self._severities.items())),
            "translation_errors": {
                "segments": self._with_errors,
                "severities": dict(sorted(self._errors.items())),
            },
            "typography": self._severities.total() - self._errors.total(),
            "categories": dict(sorted(self._categories.items())),
            "suppressed": dict(sorted(self._suppressed.items())),
        }


class _CorpusMetrics:
    """sacreBLEU's BLEU, chrF and TER over all segments with a reference, by the sums of their statistics."""

    def __init__(self) -> None:
        self._sums: list[list[float]] = []
        self._segments = 0

    def add(self, counts: Counts) -> None:
        if not counts.statistics:
            return
        self._segments += 1
        self._sums = (
            [
                [one + more for one, more in zip(*pair, strict=True)]
                for pair in zip(self._sums, counts.statistics, strict=True)
            ]
            if self._sums
            else [list(each) for each in counts.statistics]
        )

    def result(self) -> dict[str, dict[str, Any]]:
        """Each with its signature and with that of the scores a segment has; empty without any reference."""
        metrics: dict[str, dict[str, Any]] = {}
        for (name, metric, by_segment), total in zip(_METRICS, self._sums, strict=False):
            for each in (metric, by_segment):
                each.corpus_score(["a"], [["a"]])  # their signatures know the number of references then
            metrics[name] = {
                "score": round(metric._compute_score_from_stats(total).score, 2),
                "signature": str(metric.get_signature()),
                "segment_signature": str(by_segment.get_signature()),
                "segments": self._segments,
            }
        return metrics


def summarize(checked: Iterable[CheckedSegment]) -> dict[str, Any]:
    """Counts and scores in all and by document; scores are means weighted by words."""
    totals = Totals()
    for each in checked:
        totals.add(Counts.of(each))
    return totals.result()
