"""Scores: one number a segment, one a document, from the judge's verdict and the flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sacrebleu

from backspeak.data import CheckedSegment, ErrorSpan
from backspeak.judge import Verdict

# What a flag that the judge cannot see (a rule of its own) takes off the score, as a share. The
# ratio of the MQM weights (1, 5, 10); the size was chosen by us, not fitted.
RULE_COST = {"minor": 0.01, "major": 0.05, "critical": 0.10}
JUDGED_RULES = ("round-trip", "likelihood")


def segment_score(verdict: Verdict, spans: Sequence[ErrorSpan]) -> tuple[float, float]:
    """(score 0..100, error probability 0..1) of a segment."""
    score, clean = verdict.quality, 1.0 - verdict.error_probability
    for span in spans:
        if span.rule not in JUDGED_RULES:
            score *= 1.0 - RULE_COST[span.severity] * span.confidence
            clean *= 1.0 - span.confidence
    return score, 1.0 - clean


def reference_metrics(text: str, reference: str) -> dict[str, float]:
    """sacreBLEU's sentence BLEU, chrF and TER against one human reference."""
    return {
        "chrf": round(sacrebleu.sentence_chrf(text, [reference]).score, 2),
        "bleu": round(sacrebleu.sentence_bleu(text, [reference]).score, 2),
        "ter": round(sacrebleu.sentence_ter(text, [reference]).score, 2),
    }


def summarize(checked: Iterable[CheckedSegment]) -> dict[str, Any]:
    """Counts and scores in all and by document; scores are means weighted by words."""
    by_document: dict[str, list[CheckedSegment]] = {}
    for each in checked:
        by_document.setdefault(each.segment.document, []).append(each)
    documents = [{"document": name, **_counts(mine)} for name, mine in by_document.items()]
    return {**_counts([each for mine in by_document.values() for each in mine]), "documents": documents}


def _counts(checked: Sequence[CheckedSegment]) -> dict[str, Any]:
    scored = [each for each in checked if each.status == "ok" and each.score is not None]
    scores = [each.score for each in scored if each.score is not None]
    weights = [max(1, len(each.words)) for each in scored]
    spans = [span for each in scored for span in each.spans]
    score = sum(w * each for w, each in zip(weights, scores, strict=True)) / sum(weights) if scored else None
    statuses = Counter(each.status for each in checked)
    return {
        "score": None if score is None else round(score, 1),
        "segments": len(checked),
        "flagged": sum(bool(each.spans) for each in scored),
        "skipped": statuses["skipped"],
        "failed": statuses["failed"],
        "words": sum(len(each.words) for each in scored),
        "severities": dict(sorted(Counter(span.severity for span in spans).items())),
        "categories": dict(sorted(Counter(span.category for span in spans).items())),
    }
