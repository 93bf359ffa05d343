"""Scores: one number a segment, one a document, from the judge's verdict and the flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sacrebleu.metrics import BLEU, CHRF, TER

from backspeak.data import CheckedSegment, ErrorSpan
from backspeak.judge import Verdict
from backspeak.spans import ADVISORY_RULES

# What a flag that the judge cannot see (a rule of its own) takes off the score, as a share. The
# ratio of the MQM weights (1, 5, 10); the size was chosen by us, not fitted.
RULE_COST = {"minor": 0.01, "major": 0.05, "critical": 0.10}
# An untranslated text keeps next to nothing.
WHOLE_COST = 0.95
JUDGED_RULES = ("round-trip", "likelihood")

_BLEU, _SENTENCE_BLEU, _CHRF, _TER = BLEU(), BLEU(effective_order=True), CHRF(), TER()


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


def corpus_metrics(checked: Sequence[CheckedSegment]) -> dict[str, dict[str, Any]]:
    """sacreBLEU's BLEU, chrF and TER over all segments with a reference, each with its signature and with
    that of the scores a segment has; empty where no segment has a reference."""
    referenced = [each.segment for each in checked if each.status == "ok" and each.segment.reference]
    if not referenced:
        return {}
    texts, references = [each.text for each in referenced], [[each.reference for each in referenced]]
    metrics: dict[str, dict[str, Any]] = {}
    for name, metric, by_segment in (
        ("bleu", _BLEU, _SENTENCE_BLEU),
        ("chrf", _CHRF, _CHRF),
        ("ter", _TER, _TER),
    ):
        score = round(metric.corpus_score(texts, references).score, 2)
        by_segment.sentence_score(texts[0], [references[0][0]])  # its signature knows the number of references then
        metrics[name] = {
            "score": score,
            "signature": str(metric.get_signature()),
            "segment_signature": str(by_segment.get_signature()),
            "segments": len(referenced),
        }
    return metrics


def summarize(checked: Iterable[CheckedSegment]) -> dict[str, Any]:
    """Counts and scores in all and by document; scores are means weighted by words."""
    by_document: dict[str, list[CheckedSegment]] = {}
    for each in checked:
        by_document.setdefault(each.segment.document, []).append(each)
    documents = [{"document": name, **_counts(mine)} for name, mine in by_document.items()]
    everything = [each for mine in by_document.values() for each in mine]
    metrics = corpus_metrics(everything)
    return {**_counts(everything), **({"metrics": metrics} if metrics else {}), "documents": documents}


def _counts(checked: Sequence[CheckedSegment]) -> dict[str, Any]:
    scored = [each for each in checked if each.status == "ok" and each.score is not None]
    scores = [each.score for each in scored if each.score is not None]
    weights = [max(1, len(each.words)) for each in scored]
    spans = [span for each in scored for span in each.spans]
    suppressed = Counter(one.by for each in scored for one in each.suppressed)
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
        "suppressed": dict(sorted(suppressed.items())),
    }
