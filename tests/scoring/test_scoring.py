"""Scores: flags cost, nothing pays, and longer segments weigh more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from backspeak.data import SEVERITIES, CheckedSegment, ErrorSpan, Segment, SuppressedSpan, Word
from backspeak.judge import Verdict
from backspeak.scoring import JUDGED_RULES, reference_metrics, segment_score, summarize
from backspeak.spans import ADVISORY_RULES


def _flag(severity: str = "minor", confidence: float = 0.9, rule: str = "typography.space", category="punctuation"):
    return ErrorSpan(0, 1, "x", category, severity, confidence, rule, (), ())


def _verdict(quality: float = 80.0, error_probability: float = 0.3) -> Verdict:
    return Verdict(np.zeros(1), error_probability, quality)


def test_without_flags_the_judge_speaks_alone():
    assert segment_score(_verdict(73.5, 0.25), []) == (73.5, 0.25)


@pytest.mark.parametrize("rule", JUDGED_RULES)
def test_what_the_judge_found_is_in_its_verdict_already(rule):
    assert segment_score(_verdict(73.5, 0.25), [_flag("critical", rule=rule)]) == (73.5, 0.25)


@pytest.mark.parametrize("rule", ADVISORY_RULES)
def test_advice_costs_nothing(rule):
    assert segment_score(_verdict(73.5, 0.25), [_flag("minor", rule=rule)]) == (73.5, 0.25)


def test_a_rule_of_its_own_costs_and_is_an_error_by_itself():
    score, error_probability = segment_score(_verdict(80.0, 0.5), [_flag("major", 0.8)])
    assert score == pytest.approx(80.0 * (1 - 0.05 * 0.8))
    assert error_probability == pytest.approx(1 - 0.5 * 0.2)


_flags = st.builds(
    _flag,
    st.sampled_from(SEVERITIES),
    st.floats(0.5, 1.0),
    st.sampled_from(["typography.space", "calque.lay-faith", *JUDGED_RULES]),
)
_verdicts = st.builds(_verdict, st.floats(0, 100), st.floats(0, 1))


@given(_verdicts, st.lists(_flags, max_size=8), _flags)
def test_one_more_flag_never_helps(verdict, flags, another):
    before, after = segment_score(verdict, flags), segment_score(verdict, [*flags, another])
    assert after[0] <= before[0]
    assert after[1] >= before[1] - 1e-12


@given(_verdicts, st.lists(_flags, max_size=4), st.floats(0.5, 1.0))
def test_a_worse_or_surer_flag_never_helps(verdict, flags, confidence):
    scores = [segment_score(verdict, [*flags, _flag(severity, confidence)])[0] for severity in SEVERITIES]
    assert scores == sorted(scores, reverse=True)
    surer = segment_score(verdict, [*flags, _flag("major", 1.0)])
    assert surer[0] <= segment_score(verdict, [*flags, _flag("major", confidence)])[0]


@given(_verdicts, st.lists(_flags, max_size=40))
def test_scores_and_probabilities_stay_in_their_range(verdict, flags):
    score, error_probability = segment_score(verdict, flags)
    assert 0 <= score <= 100
    assert 0 <= error_probability <= 1


def test_the_better_of_two_verdicts_stays_better():
    flags = [_flag("major"), _flag("critical", 0.6)]
    assert segment_score(_verdict(70.0), flags)[0] < segment_score(_verdict(75.0), flags)[0]


def test_reference_metrics_know_a_perfect_translation():
    same = reference_metrics("The old ferry leaves at noon.", "The old ferry leaves at noon.")
    assert same == {"chrf": 100.0, "bleu": pytest.approx(100.0), "ter": 0.0}
    other = reference_metrics("The old ferry leaves at noon.", "An ancient boat departs at midday.")
    assert other["chrf"] < 50
    assert other["bleu"] < 50
    assert other["ter"] > 50


# --- summaries ---


def _checked(document: str, words: int, score: float | None, *flags: ErrorSpan, status: str = "ok") -> CheckedSegment:
    return CheckedSegment(
        Segment(document, "1", "x " * words),
        status,  # type: ignore[arg-type]
        None if status == "ok" else "heading",
        score,
        None,
        tuple(Word(2 * index, 2 * index + 1, 0.1, False) for index in range(words)),
        flags,
    )


def test_a_document_scores_the_mean_of_its_words():
    summary = summarize([_checked("a", 10, 90.0), _checked("a", 30, 50.0)])
    assert summary["score"] == 60.0
    assert summary["words"] == 40


def test_documents_are_told_apart_in_their_order():
    summary = summarize([_checked("b", 1, 90.0), _checked("a", 1, 40.0), _checked("b", 1, 80.0)])
    assert [(each["document"], each["score"], each["segments"]) for each in summary["documents"]] == [
        ("b", 85.0, 2),
        ("a", 40.0, 1),
    ]
    assert summary["score"] == 70.0


def test_a_segment_without_words_still_counts_a_little():
    assert summarize([_checked("a", 0, 0.0), _checked("a", 1, 100.0)])["score"] == 50.0


def test_nothing_scored_has_no_score():
    skipped = _checked("a", 0, None, status="skipped")
    summary = summarize([skipped, _checked("b", 1, 70.0), _checked("b", 0, None, status="failed")])
    assert summary["documents"][0]["score"] is None
    assert summary["documents"][0]["skipped"] == 1
    assert summary["documents"][1]["failed"] == 1
    assert summary["score"] == 70.0
    assert summarize([])["score"] is None
    assert summarize([])["documents"] == []


def test_flags_are_counted_by_severity_and_category():
    summary = summarize(
        [
            _checked("a", 5, 70.0, _flag("major"), _flag("minor", category="grammar")),
            _checked("a", 5, 90.0),
            _checked("b", 5, 70.0, _flag("major", category="grammar")),
        ]
    )
    assert summary["flagged"] == 2
    assert summary["severities"] == {"major": 2, "minor": 1}
    assert summary["categories"] == {"grammar": 2, "punctuation": 1}
    assert summary["translation_errors"] == {"segments": 2, "severities": {"major": 1, "minor": 1}}
    assert summary["typography"] == 1
    assert summary["documents"][1]["severities"] == {"major": 1}
    assert sum(each["flagged"] for each in summary["documents"]) == 2


def test_flags_that_are_not_raised_are_counted_apart():
    quiet = tuple(SuppressedSpan(_flag("critical"), by) for by in ("baseline", "inline", "baseline"))
    checked = replace(_checked("a", 5, 70.0, _flag("minor")), suppressed=quiet)
    summary = summarize([checked, _checked("b", 5, 90.0)])
    assert summary["suppressed"] == {"baseline": 2, "inline": 1}
    assert summary["severities"] == {"minor": 1}
    assert [each["suppressed"] for each in summary["documents"]] == [{"baseline": 2, "inline": 1}, {}]


# --- against references ---


def _translated(text: str, reference: str | None, status: str = "ok") -> CheckedSegment:
    return CheckedSegment(Segment("a", "1", text, reference=reference), status, score=80.0)  # type: ignore[arg-type]


def test_corpus_metrics_name_their_settings():
    pairs = [
        ("The old ferry leaves at noon.", "The old ferry leaves at noon."),
        ("Nobody saw the boat.", "No one had seen the ship."),
    ]
    skipped = _translated("The Ferry", "A heading", status="skipped")
    metrics = summarize([*(_translated(*pair) for pair in pairs), _translated("No reference.", None), skipped])[
        "metrics"
    ]
    texts, references = [text for text, _ in pairs], [[reference for _, reference in pairs]]
    assert metrics["bleu"]["score"] == round(sacrebleu.corpus_bleu(texts, references).score, 2)
    assert metrics["chrf"]["score"] == round(sacrebleu.corpus_chrf(texts, references).score, 2)
    assert metrics["ter"]["score"] == round(sacrebleu.corpus_ter(texts, references).score, 2)
    assert all(each["segments"] == 2 for each in metrics.values())
    assert "eff:no|tok:13a" in metrics["bleu"]["signature"]
    assert "nrefs:1" in metrics["bleu"]["segment_signature"]
    assert "eff:yes|tok:13a" in metrics["bleu"]["segment_signature"]
    assert all(f"version:{sacrebleu.__version__}" in each["signature"] for each in metrics.values())


def test_metrics_warn_of_nothing(caplog):
    summarize([_translated("Nobody saw the boat.", "No one had seen the ship.")])
    assert caplog.records == []


def test_without_references_there_are_no_metrics():
    assert "metrics" not in summarize([_translated("No reference.", None)])
