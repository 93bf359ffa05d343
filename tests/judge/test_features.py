"""The numbers that the judge sees say what their names say, and NaN where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from backspeak.data import BackTranslation, Findings, Proposal, Segment
from backspeak.evidence.words import word_offsets
from backspeak.judge.features import (
    SEGMENT_FEATURES,
    WORD_FEATURES,
    best_proposal,
    segment_features,
    touching,
    word_features,
)

TEXT = "Anna laid 3 half-open umbrellas."
#       0    1    2 3         4        5
NAMES = ("total", "least", "rank", "entropy", "tokens")


def _likelihood(prefix: str, total: list[float]) -> dict[str, np.ndarray]:
    values = np.array(total)
    return {
        f"{prefix}_{name}": values * factor for name, factor in zip(NAMES, (1.0, 0.5, -0.1, -0.2, -1.0), strict=True)
    }


ALONE = [-2.0, -9.0, -3.0, -4.0, -5.0, -1.0]
GIVEN = [-1.0, -8.5, -1.0, -2.0, -3.0, -0.5]
BACK = [
    BackTranslation("es", "...", "Anna put 3 umbrellas.", 61.0),
    BackTranslation("es", "...", "put put put put", 20.0, True, "repeats itself"),
    BackTranslation("es", "...", "Anna set 3 umbrellas.", 58.0),
]


def _findings(**fields) -> Findings:
    return Findings(Segment("d", "1", TEXT), word_offsets(TEXT), **fields)


def _proposal(start: int, end: int, replacement: str, *, agreement: int = 1, **weights: float) -> Proposal:
    return Proposal(start, end, replacement, "es", agreement, 2, **weights)


def _row(rows: np.ndarray, index: int) -> dict[str, float]:
    return dict(zip(WORD_FEATURES, rows[index].tolist(), strict=True))


def _known(**fields) -> Findings:
    return _findings(mode="pivot", likelihood=_likelihood("alone", ALONE) | _likelihood("given", GIVEN), **fields)


def test_a_row_a_word_and_a_column_a_feature():
    rows = word_features(_known(back_translations=BACK))
    assert rows.shape == (6, len(WORD_FEATURES))
    assert rows.dtype == np.float32
    features = segment_features(_known(back_translations=BACK), np.zeros(6))
    assert features.shape == (len(SEGMENT_FEATURES),)
    assert features.dtype == np.float32
    assert len(set(WORD_FEATURES)) == len(WORD_FEATURES)
    assert len(set(SEGMENT_FEATURES)) == len(SEGMENT_FEATURES)


def test_likelihoods_of_the_word_and_its_neighbours():
    rows = word_features(_known())
    laid = _row(rows, 1)
    assert laid["alone_total"] == -9.0
    assert laid["given_total"] == -8.5
    assert laid["given_minus_alone"] == 0.5
    assert (laid["alone_least"], laid["tokens"]) == (-4.5, 9.0)
    assert (laid["previous_alone"], laid["next_alone"]) == (-2.0, -3.0)
    assert (laid["previous_given"], laid["next_given"]) == (-1.0, -1.0)
    assert np.isnan(_row(rows, 0)["previous_alone"])
    assert np.isnan(_row(rows, 5)["next_given"])
    assert _row(rows, 5)["previous_alone"] == -5.0


def test_the_shape_of_the_word():
    anna, laid, three, half_open, umbrellas, stop = (_row(word_features(_findings()), index) for index in range(6))
    assert [each["length"] for each in (anna, laid, three, half_open, umbrellas, stop)] == [4, 4, 1, 9, 9, 1]
    assert [each["is_punctuation"] for each in (umbrellas, stop)] == [0, 1]
    assert [each["has_digit"] for each in (laid, three)] == [0, 1]
    assert [each["has_hyphen"] for each in (laid, half_open)] == [0, 1]
    # The first word has its capital for its place.
    assert anna["is_capitalised"] == 0
    rows = word_features(Findings(Segment("d", "1", "With Anna"), [(0, 4), (5, 9)]))
    assert _row(rows, 1)["is_capitalised"] == 1


def test_without_likelihoods_and_round_trips_nothing_is_known():
    rows = word_features(_findings())
    unknown = {name for name, value in _row(rows, 1).items() if np.isnan(value)}
    assert unknown >= {
        "alone_total",
        "given_total",
        "given_minus_alone",
        "tokens",
        "previous_alone",
        "gain",
        "pivot_gain",
        "guard",
        "agreement",
        "changed_share",
    }
    assert not unknown & {"length", "is_punctuation", "from_source"}


def test_unusable_round_trips_say_nothing():
    rows = word_features(_known(back_translations=[BACK[1]]))
    assert np.isnan([_row(rows, 1)[name] for name in ("gain", "changed_share", "agreement")]).all()


def test_a_word_that_every_round_trip_keeps_gains_nothing():
    rows = word_features(_known(back_translations=BACK, proposals=[_proposal(5, 9, "put", gain=3.0)]))
    kept = _row(rows, 4)
    for name in ("gain", "gain_a_word", "length_change", "pivot_gain", "guard", "agreement", "changed_share"):
        assert kept[name] == 0.0, name


def test_the_best_proposal_speaks_for_its_words():
    findings = _known(
        back_translations=BACK,
        proposals=[
            _proposal(5, 9, "put", agreement=1, gain=3.0, pivot_gain=2.0, guard=-0.5),
            _proposal(5, 11, "set down", agreement=1, gain=4.0, pivot_gain=-1.0, guard=-2.0),
        ],
    )
    laid, three, umbrellas = (_row(word_features(findings), index) for index in (1, 2, 4))
    assert best_proposal(touching(findings, 5, 9, "round_trip")).replacement == "put"
    assert (laid["gain"], laid["gain_a_word"], laid["pivot_gain"], laid["guard"]) == (3.0, 3.0, 2.0, -0.5)
    assert laid["agreement"] == 0.5
    assert laid["length_change"] == 0
    assert laid["changed_share"] == 1.0
    assert (three["gain"], three["gain_a_word"], three["length_change"]) == (4.0, 2.0, 0)
    assert three["changed_share"] == 0.5
    assert umbrellas["changed_share"] == 0.0


def test_a_shorter_wording_is_told_by_its_length():
    findings = _known(back_translations=BACK, proposals=[_proposal(10, 22, "", gain=1.0)])
    row = _row(word_features(findings), 3)
    assert TEXT[10:22] == "3 half-open "
    assert (row["length_change"], row["gain_a_word"]) == (-2, 0.5)


def test_the_share_of_round_trips_is_never_above_one():
    proposals = [_proposal(5, 9, word, agreement=1, gain=1.0) for word in ("put", "set", "left", "placed")]
    rows = word_features(_known(back_translations=BACK, proposals=proposals))
    assert _row(rows, 1)["changed_share"] == 1.0


def test_no_proposal_touches_nothing():
    findings = _findings(proposals=[_proposal(5, 9, "put")])
    assert touching(findings, 9, 11, "round_trip") == []
    assert touching(findings, 0, 5, "round_trip") == []
    assert touching(findings, 8, 10, "rewriting") == []
    assert touching(findings, 8, 10, "round_trip") == findings.proposals
    assert best_proposal([]) is None


def test_the_rewriter_speaks_for_itself():
    kept = _likelihood("kept", [-0.1, -3.0, -0.2, -0.3, -4.0, 0.0])
    findings = _known(
        back_translations=BACK,
        proposals=[
            _proposal(5, 9, "put", gain=3.0),
            _proposal(5, 9, "set", gain=7.0, kept_gain=2.5, origin="rewriting"),
            _proposal(5, 11, "set up", gain=-1.0, kept_gain=4.0, origin="rewriting"),
        ],
    )
    without = word_features(findings)
    assert np.isnan(_row(without, 1)["kept_total"])
    assert np.isnan(_row(without, 1)["rewriting_gain"])
    findings.likelihood |= kept
    anna, laid, three, umbrellas = (_row(word_features(findings), index) for index in (0, 1, 2, 4))
    assert (laid["kept_total"], laid["kept_least"], laid["previous_kept"], laid["next_kept"]) == pytest.approx(
        (-3.0, -1.5, -0.05, -0.1)
    )
    assert (laid["rewriting_gain"], laid["rewriting_kept_gain"]) == (7.0, 4.0)
    assert (three["rewriting_gain"], three["rewriting_kept_gain"]) == (-1.0, 4.0)
    # Where it wrote nothing else that is known, not missing.
    assert umbrellas["rewriting_gain"] == anna["rewriting_gain"] == 0.0
    assert umbrellas["rewriting_kept_gain"] < -5
    # The round trip's own numbers are its own.
    assert (laid["gain"], laid["changed_share"]) == (3.0, 0.5)
    assert three["changed_share"] == 0.0
    segment = _segment_row(findings, [0.0] * 6)
    assert segment["best_gain"] == 3.0
    assert (segment["kept_mean"], segment["kept_lowest"]) == pytest.approx((-7.6 / 6, -4.0))


@pytest.mark.parametrize(("mode", "from_source"), [(None, 0), ("pivot", 0), ("source", 1)])
def test_the_judge_is_told_what_stands_behind_the_likelihood(mode, from_source):
    findings = _findings(mode=mode)
    assert _row(word_features(findings), 0)["from_source"] == from_source
    assert (
        dict(zip(SEGMENT_FEATURES, segment_features(findings, np.zeros(6)), strict=True))["from_source"] == from_source
    )


def _segment_row(findings: Findings, probability: list[float]) -> dict[str, float]:
    return dict(zip(SEGMENT_FEATURES, segment_features(findings, np.array(probability)).tolist(), strict=True))


def test_a_segment_is_told_by_its_words():
    findings = _known(
        back_translations=BACK,
        proposals=[_proposal(5, 11, "set down", gain=-1.0), _proposal(5, 9, "put", gain=3.0, agreement=2)],
    )
    row = _segment_row(findings, [0.0, 0.9, 0.6, 0.1, 0.1, 0.1])
    assert row["alone_mean"] == pytest.approx(np.mean(ALONE))
    assert row["alone_lowest"] == -9.0
    assert row["given_lowest"] == -8.5
    assert row["alone_lowest"] <= row["alone_low"] <= row["alone_mean"]
    assert row["given_minus_alone"] == pytest.approx(np.mean(GIVEN) - np.mean(ALONE))
    assert row["chrf"] == 61.0
    assert row["best_gain"] == 3.0
    assert row["changed_share"] == pytest.approx(2 / 6)
    assert row["word_mean"] == pytest.approx(0.3)
    assert row["word_highest"] == pytest.approx(0.9)
    assert row["word_mean"] < row["word_high"] <= row["word_highest"]
    assert row["word_share_over_half"] == pytest.approx(2 / 6)


def test_a_segment_without_round_trips_has_no_gain_to_tell():
    row = _segment_row(_known(), [0.0] * 6)
    assert np.isnan([row["chrf"], row["best_gain"], row["changed_share"]]).all()
    usable = _segment_row(_known(back_translations=BACK), [0.0] * 6)
    assert (usable["best_gain"], usable["changed_share"]) == (0.0, 0.0)


def test_a_text_without_words_has_features_too():
    findings = Findings(Segment("d", "1", ""), [])
    assert word_features(findings).shape == (0, len(WORD_FEATURES))
    row = _segment_row(findings, [])
    assert row["word_highest"] == 0


def test_words_of_unknown_likelihood_are_left_out_of_the_means():
    findings = _findings(likelihood=_likelihood("alone", [-2.0, np.nan, -4.0, np.nan, -6.0, np.nan]))
    assert _segment_row(findings, [0.0] * 6)["alone_mean"] == pytest.approx(-4.0)
    assert _segment_row(findings, [0.0] * 6)["alone_lowest"] == -6.0


def test_features_are_not_changed_by_what_is_done_with_them():
    findings = _known(back_translations=BACK)
    before = findings.likelihood["alone_total"].copy()
    word_features(findings)[:] = 7
    np.testing.assert_array_equal(findings.likelihood["alone_total"], before)


def test_no_feature_tells_the_length_of_the_text():
    short, long = _known(), Findings(Segment("d", "1", TEXT + " and so on" * 20), word_offsets(TEXT))
    long.likelihood = short.likelihood
    assert np.array_equal(word_features(short)[1], word_features(long)[1], equal_nan=True)
