"""The figures of an evaluation, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backspeak.data import CheckedSegment, ErrorSpan, Segment, Word
from backspeak.evaluation import (
    average_precision,
    bad_ranges,
    calibration_error,
    evaluate,
    f1,
    kendall,
    labelled,
    matthews,
    overlaps,
    pearson,
    spearman,
    token_ranges,
)
from backspeak.evidence.words import word_offsets

YES, NO = True, False


def _array(*values) -> np.ndarray:
    return np.array(values)


# --- measures ---


def test_pearson_by_hand():
    # Deviations (-2, 0, 2) and (-1, -1, 2): 6 / sqrt(8 * 6).
    assert pearson(_array(1.0, 3.0, 5.0), _array(2.0, 2.0, 5.0)) == pytest.approx(6 / math.sqrt(48))
    assert pearson(_array(1.0, 2.0, 3.0), _array(-1.0, -2.0, -3.0)) == pytest.approx(-1.0)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9 + 0.1])
def test_what_does_not_vary_correlates_with_nothing(constant):
    varied = _array(1.0, 2.0, 4.0)
    assert math.isnan(pearson(np.full(3, constant), varied))
    assert math.isnan(spearman(varied, np.full(3, constant)))
    assert math.isnan(pearson(_array(1.0), _array(2.0)))


def test_spearman_by_hand():
    # One swap of neighbours among four: 1 - 6 * 2 / (4 * 15).
    assert spearman(_array(10.0, 20.0, 30.0, 40.0), _array(1.0, 2.0, 900.0, 8.0)) == pytest.approx(0.8)
    assert spearman(_array(1.0, 2.0, 3.0), _array(1.0, 8.0, 27.0)) == pytest.approx(1.0)


def test_ties_share_their_mean_rank():
    # Ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): 4.5 / sqrt(4.5 * 5).
    assert spearman(_array(5.0, 7.0, 7.0, 9.0), _array(1.0, 2.0, 3.0, 4.0)) == pytest.approx(4.5 / math.sqrt(22.5))
    # The order among equals must not matter.
    assert spearman(_array(7.0, 7.0, 1.0), _array(1.0, 2.0, 0.0)) == pytest.approx(
        spearman(_array(7.0, 7.0, 1.0), _array(2.0, 1.0, 0.0))
    )


def test_matthews_by_hand():
    truth = _array(YES, YES, YES, NO, NO, NO, NO, NO)
    found = _array(YES, YES, NO, YES, NO, NO, NO, NO)
    # tp 2, fn 1, fp 1, tn 4: (8 - 1) / sqrt(3 * 3 * 5 * 5).
    assert matthews(truth, found) == pytest.approx(7 / 15)
    assert matthews(truth, truth) == pytest.approx(1.0)
    assert matthews(truth, ~truth) == pytest.approx(-1.0)


def test_to_flag_nothing_is_worth_nothing():
    truth = _array(YES, NO, NO)
    assert matthews(truth, _array(NO, NO, NO)) == 0.0
    assert matthews(truth, _array(YES, YES, YES)) == 0.0
    assert f1(truth, _array(NO, NO, NO)) == 0.0


def test_f1_by_hand():
    truth = _array(YES, YES, YES, NO, NO)
    found = _array(YES, YES, NO, YES, NO)
    assert f1(truth, found) == pytest.approx(2 * 2 / (3 + 3))
    assert f1(~truth, ~found) == pytest.approx(2 * 1 / (2 + 2))
    assert f1(_array(NO, NO), _array(NO, NO)) == 0.0


def test_kendall_by_hand():
    # One of six pairs is the other way round: (5 - 1) / 6.
    assert kendall(_array(1.0, 2.0, 3.0, 4.0), _array(1.0, 2.0, 4.0, 3.0)) == pytest.approx(4 / 6)
    # One tie in x: (2 - 0) / sqrt((3 - 1) * 3).
    assert kendall(_array(1.0, 1.0, 2.0), _array(1.0, 2.0, 3.0)) == pytest.approx(2 / math.sqrt(6))
    assert math.isnan(kendall(_array(1.0, 1.0), _array(1.0, 2.0)))


def test_average_precision_by_hand():
    # Ranked: true, false, true, false: (1/1 + 2/3) / 2.
    assert average_precision(_array(NO, YES, YES, NO), _array(0.7, 0.9, 0.5, 0.1)) == pytest.approx((1 + 2 / 3) / 2)
    # All alike is the base rate, whatever their order.
    assert average_precision(_array(YES, NO, NO, NO), np.full(4, 0.3)) == pytest.approx(0.25)
    assert math.isnan(average_precision(_array(NO), _array(0.3)))


def test_calibration_error_by_hand():
    # Two bins of two: |0.5 - 0.2| and |1 - 0.9|.
    error = calibration_error(_array(YES, NO, YES, YES), _array(0.22, 0.24, 0.9, 0.9))
    assert error == pytest.approx((2 * abs(0.5 - 0.23) + 2 * 0.1) / 4)
    assert calibration_error(_array(YES), _array(1.0)) == 0.0


# --- labels ---


def _bad(text: str, tokens: list[str], bad: set[int]) -> list[str]:
    tags = ["BAD" if index in bad else "OK" for index in range(len(tokens))]
    return [text[start:end] for start, end in bad_ranges(text, tokens, tags)]


def test_tokens_are_found_in_their_order():
    text = "The boat saw the boat."
    tokens = ["The", "boat", "saw", "the", "boat", "."]
    assert _bad(text, tokens, {1, 5}) == ["boat", "."]
    assert bad_ranges(text, tokens, ["OK"] * 4 + ["BAD", "OK"]) == [(17, 21)]
    assert _bad(text, tokens, set()) == []


def test_a_token_that_tokenisation_changed_is_passed_over():
    text = 'She said "no" and left.'
    tokens = ["She", "said", "&quot;", "no", "&quot;", "and", "left", "."]
    assert _bad(text, tokens, {2, 3, 6}) == ["no", "left"]


def test_a_changed_token_is_not_found_further_on_instead():
    text = "The state–run bank failed yesterday - again."
    tokens = ["The", "state", "-", "run", "bank", "failed", "yesterday", "-", "again", "."]
    assert _bad(text, tokens, {2, 4, 8}) == ["bank", "again"]


def test_many_changed_tokens_in_a_row_do_not_lose_the_thread():
    text = "He wrote “…” — „so“ — and slept."
    tokens = ["He", "wrote", "``", "...", "''", "--", ",,", "so", "''", "--", "and", "slept", "."]
    assert _bad(text, tokens, {1, 7, 11}) == ["wrote", "so", "slept"]


def test_wide_spaces_do_not_lose_the_thread():
    assert _bad("One  two   three", ["One", "two", "three"], {2}) == ["three"]


def test_tokens_and_tags_must_be_as_many():
    with pytest.raises(ValueError, match="2 tokens but 1 word_tags"):
        bad_ranges("Old boats", ["Old", "boats"], ["OK"])


def test_words_share_a_character_with_a_range():
    words = [(0, 3), (4, 9), (10, 14)]
    assert overlaps(words, [(3, 5)]).tolist() == [False, True, False]
    assert overlaps(words, [(2, 11)]).tolist() == [True, True, True]
    assert overlaps(words, [(3, 4)]).tolist() == [False, False, False]
    assert overlaps([], [(0, 9)]).dtype == bool


def _checked(
    text: str, *, bad: tuple[int, ...] = (), score: float = 80.0, severities: tuple[str, ...] = (), status: str = "ok"
) -> CheckedSegment:
    words = tuple(Word(start, end, 0.1, index in bad) for index, (start, end) in enumerate(word_offsets(text)))
    flags = tuple(
        ErrorSpan(0, 1, text[:1], "grammar", severity, 0.9, "likelihood", (), ())  # type: ignore[arg-type]
        for severity in severities
    )
    segment = Segment("d", "1", text)
    if status != "ok":
        return CheckedSegment(segment, status, "heading")  # type: ignore[arg-type]
    return CheckedSegment(segment, "ok", None, score, 0.2, words, flags)


def test_tokens_are_judged_by_the_worst_word_they_share_a_character_with():
    checked = _checked("A well-known boat, perhaps.", bad=(1,))
    tokens = ["A", "well", "-", "known", "boat", ",", "perhaps", "."]
    item = labelled(checked, {"tokens": tokens, "word_tags": ["OK", "OK", "OK", "BAD", "OK", "BAD", "OK", "OK"]})
    assert item.unit_decision.tolist() == [False, True, True, True, False, False, False, False]
    assert item.unit_truth.tolist() == [False, False, False, True, False, True, False, False]
    assert item.unit_probability.tolist() == [0.1] * 8


def test_a_token_that_is_not_in_the_text_counts_as_unflagged():
    item = labelled(_checked("Old boats", bad=(0, 1)), {"tokens": ["Old", "&amp;", "boats"], "word_tags": ["BAD"] * 3})
    assert item.unit_decision.tolist() == [True, False, True]
    assert token_ranges("Old boats", ["Old", "&amp;", "boats"], ["OK"] * 3) == [(0, 3), None, (4, 9)]


def test_neighbouring_bad_tokens_are_one_error():
    tokens = ["Old", "boats", "sink", "fast", "."]
    item = labelled(
        _checked("Old boats sink fast."), {"tokens": tokens, "word_tags": ["BAD", "BAD", "OK", "BAD", "OK"]}
    )
    assert item.true_spans == ((0, 9), (15, 19))


def test_labels_of_a_line():
    checked = _checked("Old boats sink.")
    item = labelled(
        checked, {"da_mean": 71, "human_score": None, "da_z": "-0.5", "tokens": ["Old", "boats", "sink", "."]}
    )
    assert (item.human_score, item.unit_truth, item.clean) == (-0.5, None, False)
    tagged = labelled(checked, {"word_tags": ["OK", "BAD", "OK"], "clean": True})
    assert tagged.unit_truth.tolist() == [False, True, False]
    assert (tagged.human_score, tagged.clean) == (None, True)
    with pytest.raises(ValueError, match="3 tokens but 2 word_tags"):
        labelled(checked, {"word_tags": ["OK", "BAD"]})


# --- all of it ---


def test_only_what_the_labels_allow_is_told():
    result = evaluate([labelled(_checked("Old boats sink."), {})])
    assert result == {"segments": 1, "words": 4}
    assert evaluate([]) == {"segments": 0, "words": 0}


def test_skipped_segments_do_not_count():
    items = [
        labelled(_checked("Old boats sink."), {"clean": True}),
        labelled(_checked("The Last Ferry", status="skipped"), {"clean": True, "score": 3}),
    ]
    result = evaluate(items)
    assert (result["segments"], result["words"]) == (1, 4)
    assert "pearson" not in result


def test_scores_are_compared_with_the_human_ones():
    items = [
        labelled(_checked("Old boats sink.", score=score), {"score": human})
        for score, human in ((10.0, 1.0), (30.0, 2.0), (20.0, 3.0), (90.0, 4.0))
    ]
    result = evaluate(items)
    assert result["spearman"]["value"] == 0.8
    assert result["pearson"]["value"] == round(pearson(_array(10.0, 30, 20, 90), _array(1.0, 2, 3, 4)), 4)
    assert result["pearson"]["segments"] == 4
    assert result["pearson"]["low"] <= result["pearson"]["value"] <= result["pearson"]["high"]


def test_word_decisions_are_compared_over_all_segments():
    first = labelled(_checked("Old boats sink.", bad=(0, 1)), {"word_tags": ["BAD", "OK", "OK"]})
    second = labelled(_checked("Rain falls."), {"word_tags": ["OK", "BAD"]})
    result = evaluate([first, second])
    # Old: hit. boats: false alarm. falls (with its full stop): missed.
    truth = _array(YES, NO, NO, NO, YES)
    found = _array(YES, YES, NO, NO, NO)
    assert result["mcc"]["value"] == round(matthews(truth, found), 4)
    assert result["f1_bad"]["value"] == round(f1(truth, found), 4) == 0.5
    assert result["f1_ok"]["value"] == round(f1(~truth, ~found), 4)


def test_false_alarms_are_counted_by_a_thousand_words_of_clean_text():
    items = [
        labelled(_checked("Old boats, they say, sink.", severities=("minor", "major")), {"clean": True}),
        labelled(_checked("Rain falls - on us."), {"clean": True}),
        labelled(_checked("Bad bad bad.", severities=("critical",) * 3), {}),
    ]
    result = evaluate(items)
    # Nine words; punctuation is none.
    assert result["flags_per_1000_clean_words"]["value"] == round(1000 * 2 / 9, 4)
    assert result["major_flags_per_1000_clean_words"]["value"] == round(1000 * 1 / 9, 4)
    assert result["flags_per_1000_clean_words"]["segments"] == 2


def test_flags_and_errors_meet_by_overlap():
    flagged = _checked("Old boats sink fast.", severities=("minor",))  # its flag is the first letter
    hit = labelled(flagged, {"spans": [{"start": 0, "end": 3}, {"start": 15, "end": 19}]})
    wrong = labelled(_checked("Rain falls.", severities=("minor",)), {"spans": []})
    result = evaluate([hit, wrong])
    assert result["span_precision"]["value"] == 0.5
    assert result["span_recall"]["value"] == 0.5


def test_the_good_side_of_a_pair_should_score_higher():
    def side(pair: str, good: bool, score: float):
        return labelled(_checked("Rain falls.", score=score), {"pair": pair, "good": good})

    items = [side("a", YES, 90), side("a", NO, 40), side("b", NO, 90), side("b", YES, 40), side("c", YES, 5)]
    assert evaluate(items)["pairwise_accuracy"]["value"] == 0.5
    assert evaluate(items)["pairwise_accuracy"]["segments"] == 2
    assert evaluate([side("a", YES, 50), side("a", NO, 50)])["pairwise_accuracy"]["value"] == 0.5
    with pytest.raises(ValueError, match="go together"):
        labelled(_checked("Rain falls."), {"pair": "a"})


def test_what_is_undefined_is_null():
    items = [labelled(_checked("Rain falls.", score=50.0), {"score": value}) for value in (1, 2)]
    assert evaluate(items)["pearson"] == {"value": None, "low": None, "high": None, "segments": 2}


def test_the_bootstrap_is_the_same_every_time_and_narrows_with_the_data():
    generator = np.random.default_rng(1)

    def items(count: int):
        human = generator.normal(size=count)
        ours = human + generator.normal(size=count)
        return [
            labelled(_checked("Rain falls.", score=float(score)), {"score": float(truth)})
            for score, truth in zip(ours, human, strict=True)
        ]

    few, many = items(30), items(300)
    assert evaluate(few) == evaluate(few)
    widths = [evaluate(each)["pearson"]["high"] - evaluate(each)["pearson"]["low"] for each in (few, many)]
    assert 0 < widths[1] < widths[0] / 2
