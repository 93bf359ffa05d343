"""Flags: which words make one, what it suggests, and that no two lie over each other."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak import spans
from backspeak.data import BackTranslation, ErrorSpan, Evidence, Findings, Proposal, Segment
from backspeak.evidence.words import is_punctuation, word_offsets
from backspeak.judge import OperatingPoint, Verdict

POINT = OperatingPoint(minor=0.5, major=0.7, critical=0.9)
TEXT = "The mayor, it seems, laid her faith in the old ferry."


def _findings(text: str = TEXT, **fields) -> Findings:
    return Findings(Segment("walk.txt", "1", text), word_offsets(text), **fields)


def _verdict(findings: Findings, **bad: float) -> Verdict:
    """Probability 0.1 for every word but those named."""
    text = findings.segment.text
    words = [text[start:end] for start, end in findings.words]
    assert set(bad) <= set(words)
    return Verdict(np.array([bad.get(word, 0.1) for word in words]), 0.5, 50.0)


def _flags(findings: Findings, disabled=(), **bad: float) -> tuple[ErrorSpan, ...]:
    return spans.error_spans(findings, _verdict(findings, **bad), POINT, disabled)


def _proposal(words: str, replacement: str, *, text: str = TEXT, pivot: str = "es", **weights: float) -> Proposal:
    start = text.index(words)
    return Proposal(start, start + len(words), replacement, pivot, 2, 4, **({"offered": True} | weights))


def _evidence(words: str, confidence: float | None, *, rule: str = "calque.lay-faith", **fields) -> Evidence:
    start = TEXT.index(words)
    values = {"kind": "phrase_bank", "category": "unidiomatic", "severity": "major", "suggestions": ("put her faith",)}
    return Evidence(rule=rule, start=start, end=start + len(words), confidence=confidence, **(values | fields))


# --- words ---


def test_every_word_has_its_probability_and_its_decision():
    findings = _findings("Old boats sink.")
    words = spans.words(findings, Verdict(np.array([0.2, 0.5, 0.2, 0.9]), 0.5, 50.0), POINT)
    assert [(each.start, each.end, each.bad) for each in words] == [
        (0, 3, False),
        (4, 9, True),
        (10, 14, False),
        (14, 15, True),
    ]
    assert [each.error_probability for each in words] == [0.2, 0.5, 0.2, 0.9]
    assert json.dumps([each.error_probability for each in words])


def test_a_verdict_for_another_text_is_refused():
    with pytest.raises(ValueError):  # noqa: PT011
        spans.words(_findings("Old boats sink."), Verdict(np.zeros(3), 0.5, 50.0), POINT)


# --- groups of bad words ---


def test_neighbouring_bad_words_are_one_flag():
    (flag,) = _flags(_findings(), laid=0.8, her=0.6, faith=0.75)
    assert (flag.text, flag.confidence) == ("laid her faith", pytest.approx(0.92))
    assert (flag.start, flag.end) == (TEXT.index("laid"), TEXT.index(" in the"))
    assert (flag.rule, flag.category) == ("likelihood", "mistranslation")
    assert flag.suggestions == ()


def test_two_doubtful_neighbours_are_a_flag_and_one_alone_is_none():
    (flag,) = _flags(_findings(), laid=0.4, her=0.4)
    assert (flag.text, flag.confidence) == ("laid her", pytest.approx(0.64))
    assert _flags(_findings(), laid=0.4, faith=0.4) == ()


def test_an_unsuspicious_word_beside_a_sure_find_stays_out():
    (flag,) = _flags(_findings(), laid=0.8, her=0.2)
    assert flag.text == "laid"


def test_a_good_word_parts_two_flags():
    assert [flag.text for flag in _flags(_findings(), laid=0.8, faith=0.75)] == ["laid", "faith"]


def test_punctuation_is_never_a_flag_and_parts_groups():
    found = _flags(_findings(), **{"mayor": 0.8, ",": 0.99, "it": 0.8, ".": 0.99})
    assert [flag.text for flag in found] == ["mayor", "it"]


def test_no_bad_word_is_no_flag():
    assert _flags(_findings()) == ()
    assert spans.error_spans(_findings(""), Verdict(np.zeros(0), 0.1, 90.0), POINT) == ()


@pytest.mark.parametrize(
    ("probability", "severity"),
    [(0.5, "minor"), (0.69, "minor"), (0.7, "major"), (0.89, "major"), (0.9, "critical"), (1.0, "critical")],
)
def test_thresholds_give_the_severity(probability, severity):
    (flag,) = _flags(_findings(), laid=probability)
    assert flag.severity == severity


def test_just_below_the_threshold_nothing_is_flagged():
    assert _flags(_findings(), laid=0.4999) == ()


def test_unlikely_words_say_how_unlikely():
    findings = _findings("Old boats sink.", mode="pivot")
    findings.likelihood = {
        "alone_total": np.array([-1.0, -2.5, -3.0, -0.5]),
        "given_total": np.array([-1.0, -0.25, -3.0, -0.5]),
    }
    (flag,) = _flags(findings, Old=0.6, boats=0.8)
    (evidence,) = flag.evidence
    assert evidence.kind == "likelihood"
    assert evidence.details == {
        "original": "Old boats",
        "log_probability_alone": -3.5,
        "log_probability_given": -1.25,
        "given": "pivot",
    }


def test_what_is_not_known_is_not_told():
    """NaN is not JSON."""
    findings = _findings("Old boats sink.")
    findings.likelihood = {"alone_total": np.array([-1.0, np.nan, -3.0, -0.5])}
    flags = _flags(findings, boats=0.8, sink=0.8)
    json.dumps([each.details for flag in flags for each in flag.evidence], allow_nan=False)
    assert flags[0].evidence[0].details["original"] == "boats sink"


# --- suggestions ---


def test_proposals_with_a_gain_become_suggestions_the_best_first():
    findings = _findings(
        proposals=[
            _proposal("laid", "set", gain=1.0),
            _proposal("laid", "put", gain=3.0, pivot_gain=1.0),
            _proposal("laid", "spread", gain=-2.0, pivot_gain=9.0),
            _proposal("laid", "left", gain=0.0),
            _proposal("ferry", "boat", gain=5.0),
        ]
    )
    (flag,) = _flags(findings, laid=0.8)
    assert flag.suggestions == ("put", "set")
    assert flag.rule == "round-trip"
    assert flag.text == "laid"


def test_there_are_three_suggestions_at_most():
    findings = _findings(
        proposals=[_proposal("laid", word, gain=float(gain)) for gain, word in enumerate("abcdef", start=1)]
    )
    (flag,) = _flags(findings, laid=0.8)
    assert flag.suggestions == ("f", "e", "d")
    assert len(flag.evidence) == 3


def test_the_flag_is_widened_to_what_the_proposal_replaces():
    findings = _findings(
        proposals=[_proposal("laid her", "put her", gain=2.0), _proposal("faith in", "trust in", gain=3.0)]
    )
    (flag,) = _flags(findings, her=0.8, faith=0.8)
    assert flag.text == "laid her faith in"
    # Each suggestion replaces the whole flag.
    assert flag.suggestions == ("laid her trust in", "put her faith in")


def test_a_suggestion_put_in_place_of_the_flag_is_the_proposal():
    findings = _findings(proposals=[_proposal("her", "his", gain=2.0)])
    (flag,) = _flags(findings, laid=0.8, her=0.8, faith=0.8)
    assert flag.suggestions == ("laid his faith",)
    assert TEXT[: flag.start] + flag.suggestions[0] + TEXT[flag.end :] == TEXT.replace("her", "his")


def test_a_wording_that_leaves_the_worst_word_is_not_suggested():
    findings = _findings(proposals=[_proposal("her", "his", gain=9.0), _proposal("laid", "put", gain=2.0)])
    (flag,) = _flags(findings, laid=0.9, her=0.8)
    assert (flag.text, flag.suggestions) == ("laid her", ("put her",))
    assert [each.details["restored"] for each in flag.evidence] == ["put", "his"]
    (flag,) = _flags(findings, laid=0.8, her=0.9)
    assert flag.suggestions == ("laid his",)


def test_the_same_wording_is_suggested_once():
    findings = _findings(
        proposals=[
            _proposal("laid", "put", gain=2.0),
            _proposal("laid", "put", gain=1.5, pivot="de"),
            _proposal("laid her", "put her", gain=1.0),
        ]
    )
    (flag,) = _flags(findings, laid=0.8, her=0.8)
    assert flag.suggestions == ("put her",)


def test_a_dropped_word_is_shown_by_what_stays():
    findings = _findings(proposals=[_proposal("old ", "", gain=2.0)])
    (flag,) = _flags(findings, old=0.8, ferry=0.8)
    assert flag.suggestions == ("ferry",)
    (alone,) = _flags(findings, old=0.8)
    assert alone.suggestions == ()
    assert alone.evidence[0].details["restored"] == ""


def test_the_evidence_of_a_round_trip_tells_the_whole_way():
    findings = _findings(
        proposals=[_proposal("laid", "put", gain=2.0414, pivot_gain=-0.5, guard=0.126)],
        back_translations=[
            BackTranslation("de", "andere", "other", 50.0),
            BackTranslation("es", "bucle", "loop", 1.0, True, "the way out repeats itself"),
            BackTranslation("es", "La alcaldesa…", "The mayor put…", 60.0),
        ],
    )
    (flag,) = _flags(findings, laid=0.8)
    (evidence,) = flag.evidence
    assert (evidence.kind, evidence.rule, evidence.suggestions) == ("round_trip", "round-trip", ("put",))
    assert evidence.details == {
        "pivot": "es",
        "original": "laid",
        "restored": "put",
        "gain": 2.04,
        "pivot_gain": -0.5,
        "guard": 0.13,
        "agreement": 2,
        "round_trips": 4,
        "probability": 0.885,
        "translation": "La alcaldesa…",
        "round_trip": "The mayor put…",
    }


def test_the_wording_that_is_offered_says_what_is_wrong():
    proposals = [
        replace(_proposal("her", "some", gain=9.0, offered=False), category="mistranslation"),
        replace(_proposal("laid", "put", gain=2.0), category="unidiomatic"),
    ]
    (flag,) = _flags(_findings(proposals=proposals), laid=0.8, her=0.8)
    assert flag.category == "unidiomatic"
    assert [each.category for each in flag.evidence] == ["unidiomatic", "mistranslation"]


def test_what_the_rewriter_would_write_is_told_as_its_own():
    rewritten = _proposal("laid", "put", gain=3.0, kept_gain=2.346, pivot="", origin="rewriting")
    (flag,) = _flags(_findings(proposals=[rewritten]), laid=0.8)
    (evidence,) = flag.evidence
    assert (flag.rule, flag.suggestions) == ("rewriting", ("put",))
    assert (evidence.kind, evidence.rule, evidence.suggestions) == ("rewriting", "rewriting", ("put",))
    assert evidence.details == {
        "original": "laid", "restored": "put", "gain": 3.0, "kept_gain": 2.35, "probability": 0.953,
    }  # fmt: skip


def test_what_is_not_offered_is_evidence_and_no_advice():
    findings = _findings(
        proposals=[
            _proposal("laid her", "read the", gain=9.0, offered=False),
            _proposal("laid", "put", gain=2.0),
        ]
    )
    (flag,) = _flags(findings, laid=0.8)
    assert (flag.text, flag.suggestions, flag.rule) == ("laid", ("put",), "round-trip")
    assert [(each.details["restored"], each.suggestions) for each in flag.evidence] == [
        ("put", ("put",)), ("read the", ()),
    ]  # fmt: skip


# --- evidence that decides by itself ---


def test_the_evidence_says_what_was_lost_and_which_pivots_agree():
    back = BackTranslation("es", "...", "The mayor put her faith in the ferry.", 70.0, lost=("number 3", "brackets"))
    proposal = replace(_proposal("laid", "put", gain=3.0), pivots=("es", "de"))
    (flag,) = _flags(_findings(proposals=[proposal], back_translations=[back]), laid=0.9)
    assert flag.evidence[0].details["lost"] == ["number 3", "brackets"]
    assert flag.evidence[0].details["pivots"] == ["es", "de"]


def test_decisive_evidence_is_a_flag():
    evidence = _evidence("laid her faith", 0.8)
    (flag,) = _flags(_findings(evidence=[evidence]))
    assert (flag.text, flag.rule, flag.category, flag.severity) == (
        "laid her faith",
        "calque.lay-faith",
        "unidiomatic",
        "major",
    )
    assert (flag.confidence, flag.suggestions, flag.evidence) == (0.8, ("put her faith",), (evidence,))


@pytest.mark.parametrize(("confidence", "count"), [(None, 0), (0.0, 0), (0.49, 0), (0.5, 1)])
def test_evidence_below_a_half_leaves_the_decision_to_the_judge(confidence, count):
    assert len(_flags(_findings(evidence=[_evidence("laid", confidence)]))) == count


def test_the_surer_of_two_flags_speaks_and_keeps_the_evidence_of_both():
    findings = _findings(evidence=[_evidence("laid her faith", 0.95, severity="minor")])
    (flag,) = _flags(findings, faith=0.91)
    assert (flag.text, flag.rule, flag.confidence) == ("laid her faith", "calque.lay-faith", 0.95)
    assert [each.kind for each in flag.evidence] == ["phrase_bank", "likelihood"]
    assert flag.severity == "critical"
    (other,) = _flags(_findings(evidence=[_evidence("laid her faith", 0.6, suggestions=())]), faith=0.91)
    assert (other.text, other.rule) == ("faith", "likelihood")
    assert [each.kind for each in other.evidence] == ["likelihood", "phrase_bank"]


def test_a_doubt_without_a_wording_gives_way_to_a_flag_around_it_that_has_one():
    findings = _findings(evidence=[_evidence("laid her faith", 0.6)])
    (flag,) = _flags(findings, faith=0.91)
    assert (flag.text, flag.rule, flag.confidence) == ("laid her faith", "calque.lay-faith", 0.91)
    assert flag.suggestions == ("put her faith",)
    assert [each.kind for each in flag.evidence] == ["phrase_bank", "likelihood"]


def test_it_does_not_where_the_other_reaches_into_a_third_flag():
    sure = _evidence("laid", 0.95, rule="calque.lay", suggestions=("put",))
    wide = _evidence("laid her faith", 0.6, rule="phrase.unlisted", suggestions=("trusted",))
    flags = _flags(_findings(evidence=[sure, wide]), faith=0.7)
    assert [(flag.text, flag.rule, flag.suggestions) for flag in flags] == [
        ("laid", "calque.lay", ("put",)),
        ("faith", "likelihood", ()),
    ]


def test_the_surer_doubt_keeps_its_wordings_and_takes_those_of_a_flag_inside_it():
    findings = _findings(
        proposals=[_proposal("laid her faith", "trusted", gain=3.0)],
        evidence=[_evidence("faith", 0.6, rule="phrase.unlisted", suggestions=("trust", "hope"))],
    )
    (flag,) = _flags(findings, laid=0.9, her=0.9, faith=0.9)
    assert (flag.text, flag.rule) == ("laid her faith", "round-trip")
    assert flag.suggestions == ("trusted", "laid her trust", "laid her hope")


def test_a_rule_that_is_sure_explains_what_the_judge_is_surer_of():
    findings = _findings(evidence=[_evidence("laid her faith", 0.85, severity="minor")])
    (flag,) = _flags(findings, faith=0.99)
    assert (flag.text, flag.rule, flag.confidence) == ("laid her faith", "calque.lay-faith", 0.99)
    assert flag.suggestions == ("put her faith",)
    assert [each.kind for each in flag.evidence] == ["phrase_bank", "likelihood"]


def test_what_a_table_lists_speaks_before_a_surer_guess_around_it():
    listed = _evidence("her faith", 0.85, suggestions=("her trust",))
    guess = _evidence("laid her faith", 0.99, rule="phrase.unlisted", suggestions=("offered her trust",))
    (flag,) = _flags(_findings(evidence=[guess, listed]))
    assert (flag.text, flag.rule, flag.suggestions) == ("her faith", "calque.lay-faith", ("her trust",))
    assert [each.rule for each in flag.evidence] == ["calque.lay-faith", "phrase.unlisted"]
    doubtful = replace(listed, confidence=0.6)
    (flag,) = _flags(_findings(evidence=[guess, doubtful]))
    assert (flag.text, flag.suggestions) == ("laid her faith", ("offered her trust",))


def test_neighbours_are_not_an_overlap():
    for first, second in ((0.95, 0.9), (0.9, 0.95)):
        findings = _findings(evidence=[_evidence("laid ", first), _evidence("her", second)])
        assert [flag.text for flag in _flags(findings)] == ["laid ", "her"]


@pytest.mark.parametrize("disabled", ["calque.lay-faith", "calque", "calque.lay-faith.old"])
def test_rules_are_disabled_by_id_and_by_family(disabled):
    findings = _findings(
        evidence=[
            _evidence("laid", 0.8),
            _evidence("ferry", 0.8, rule="calqued.other"),
            _evidence("old", 0.8, rule="x"),
        ]
    )
    found = [flag.text for flag in _flags(findings, [disabled])]
    assert found == (["laid", "old", "ferry"] if disabled.endswith(".old") else ["old", "ferry"])


def test_a_disabled_rule_does_not_hide_the_others():
    findings = _findings(evidence=[_evidence("laid her faith", 0.95)])
    (flag,) = _flags(findings, ["calque"], faith=0.6)
    assert (flag.text, flag.rule) == ("faith", "likelihood")


@pytest.mark.parametrize("disabled", ["likelihood", "round-trip"])
def test_what_the_judge_finds_can_be_disabled(disabled):
    findings = _findings(proposals=[_proposal("laid", "put", gain=2.0)])
    kept = {"likelihood": "laid", "round-trip": "ferry"}[disabled]
    assert [flag.text for flag in _flags(findings, [disabled], laid=0.8, ferry=0.8)] == [kept]


# --- always ---


@st.composite
def _cases(draw) -> tuple[Findings, Verdict]:
    word = st.sampled_from(["The", "boat", "sank", ",", "…", "half-open", "Zoë’s", "🙂", "字", "12", "”", "it"])
    text = draw(st.lists(word, max_size=10).map(" ".join))
    findings = _findings(text)
    count = len(findings.words)
    if count:
        index = st.integers(0, count - 1)
        probability = st.floats(0, 1)
        for first, length in draw(st.lists(st.tuples(index, st.integers(1, 3)), max_size=4)):
            last = min(count, first + length) - 1
            start, end = findings.words[first][0], findings.words[last][1]
            replacement = draw(st.sampled_from(["", "ship", "went down"]))
            gain = draw(st.floats(-5, 5))
            weights = {"gain": gain, "pivot_gain": draw(st.floats(-5, 5)), "offered": draw(st.booleans())}
            findings.proposals.append(Proposal(start, end, replacement, "es", 1, 2, **weights))
        for first, length in draw(st.lists(st.tuples(index, st.integers(1, 4)), max_size=4)):
            last = min(count, first + length) - 1
            start, end = findings.words[first][0], findings.words[last][1]
            confidence = draw(st.none() | probability)
            findings.evidence.append(
                Evidence("typography", draw(st.sampled_from("abc")), start, end, "punctuation", "minor", (), confidence)
            )
        probabilities = draw(st.lists(probability, min_size=count, max_size=count))
    else:
        probabilities = []
    return findings, Verdict(np.array(probabilities, float), 0.5, 50.0)


@given(_cases())
def test_flags_lie_in_the_text_in_order_and_never_over_each_other(case):
    findings, verdict = case
    text = findings.segment.text
    found = spans.error_spans(findings, verdict, POINT)
    for flag in found:
        assert 0 <= flag.start < flag.end <= len(text)
        assert flag.text == text[flag.start : flag.end]
        assert flag.evidence
        assert len(flag.suggestions) <= spans.MAX_SUGGESTIONS
        assert all(suggestion.strip() for suggestion in flag.suggestions)
        assert flag.confidence >= 0.5
    for first, second in pairwise(found):
        assert first.end <= second.start


@given(_cases())
def test_no_decision_is_lost_and_none_invented(case):
    findings, verdict = case
    text = findings.segment.text
    found = spans.error_spans(findings, verdict, POINT)
    bad = any(
        probability >= POINT.minor and not is_punctuation(text[start:end])
        for (start, end), probability in zip(
            findings.words, spans.flag_probability(findings, verdict.word_probability), strict=True
        )
    )
    decisive = [each for each in findings.evidence if (each.confidence or 0) >= spans.DECISIVE]
    assert bool(found) == (bad or bool(decisive))
    told = [each for flag in found for each in flag.evidence]
    assert all(each in told for each in decisive)


@given(_cases())
def test_disabling_everything_leaves_nothing(case):
    assert spans.error_spans(*case, POINT, ["a", "b", "c", "likelihood", "round-trip"]) == ()


# --- evidence that supports ---


def test_evidence_without_confidence_joins_the_flag_it_lies_on():
    supporting = _evidence("laid her", None, rule="reference", suggestions=("put her",))
    elsewhere = _evidence("mayor", None, rule="reference")
    (flag,) = _flags(_findings(evidence=[supporting, elsewhere]), laid=0.8, her=0.8, faith=0.8)
    assert flag.rule == "likelihood"
    assert flag.evidence[-1] is supporting
    assert flag.suggestions == ("put her faith",)


@pytest.mark.parametrize(("confidence", "suggestions"), [(0.2, ("put her faith",)), (0.01, ())])
def test_a_suspicion_lends_its_wording_to_the_flag_it_lies_on(confidence, suggestions):
    suspicion = _evidence("laid her", confidence, rule="phrase.unlisted", suggestions=("put her",))
    (flag,) = _flags(_findings(evidence=[suspicion]), laid=0.8, her=0.8, faith=0.8)
    assert (flag.rule, flag.suggestions) == ("likelihood", suggestions)
    assert _flags(_findings(evidence=[suspicion])) == ()
    (listed,) = _flags(_findings(evidence=[suspicion, _evidence("laid her faith", 0.9)]))
    assert listed.suggestions == ("put her faith",)
    assert suspicion not in listed.evidence


def test_a_wording_that_reaches_out_of_the_flag_is_no_suggestion():
    (flag,) = _flags(_findings(evidence=[_evidence("laid her", None, rule="reference")]), laid=0.8)
    assert (flag.text, flag.suggestions) == ("laid", ())
    assert len(flag.evidence) == 2


def test_supporting_evidence_can_be_disabled():
    (flag,) = _flags(_findings(evidence=[_evidence("laid", None, rule="reference")]), ("reference",), laid=0.8)
    assert flag.suggestions == ()


def test_advice_is_a_flag_where_no_other_lies():
    advice = _evidence("laid", 0.5, rule="memory", suggestions=("put",))
    (alone,) = _flags(_findings(evidence=[advice]))
    assert (alone.text, alone.rule, alone.suggestions) == ("laid", "memory", ("put",))
    (joined,) = _flags(_findings(evidence=[advice]), laid=0.5)
    assert (joined.text, joined.rule, joined.suggestions) == ("laid", "likelihood", ("put",))
    assert _flags(_findings(evidence=[advice]), ("memory",)) == ()


def test_advice_outranks_nothing_however_sure_it_is():
    advice = _evidence("laid her faith", 0.7, rule="memory", suggestions=("trusted",))
    slip = _evidence("her", 0.6, rule="typography.doubled-word", suggestions=("",))
    (flag,) = _flags(_findings(evidence=[advice, slip]))
    assert (flag.text, flag.rule, flag.suggestions) == ("her", "typography.doubled-word", ("",))
    assert flag.evidence == (slip, advice)


def test_a_missing_term_marks_a_place_beside_other_flags():
    end = len(TEXT)
    missing = Evidence("glossary", "glossary.required.ship", end, end, "terminology", "major", (), 0.75)
    flags = _flags(_findings(evidence=[missing, missing]), ferry=0.8)
    assert [(flag.text, flag.start) for flag in flags] == [("ferry", TEXT.index("ferry")), ("", end), ("", end)]


def test_a_point_may_take_each_word_by_itself():
    findings = _findings()
    verdict = _verdict(findings, laid=0.45, her=0.45)
    assert [word.bad for word in spans.words(findings, verdict, POINT)].count(True) == 2
    alone = replace(POINT, joins_neighbours=False)
    assert not any(word.bad for word in spans.words(findings, verdict, alone))
    assert spans.error_spans(findings, verdict, alone) == ()
