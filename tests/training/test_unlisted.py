"""The recipe of the weights: errors are made of attested pairs, and clean text sets the bias."""

from __future__ import annotations

import random

import pytest

from backspeak.evidence.unlisted import FEATURES, Alternative, Place, Weighed, Weights
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.neighbours import Neighbours

training = pytest.importorskip("backspeak.training.unlisted")


def _weighed(gain: float) -> Weighed:
    place = Place(0, 8, ("odd", "pair"), (Alternative("even pair", 9, 0.5),))
    return Weighed(place, (gain,), (gain, *(0.0,) * (len(FEATURES) - 1)))


def test_an_error_is_made_of_an_attested_pair():
    collocations, neighbours = Collocations.load(), Neighbours.load()
    text = "There was heavy rain in the village."
    made = training.corrupt(text, collocations, neighbours, random.Random(1))
    assert made is not None
    spoilt, start, end = made
    assert (text[:start], text[text.index(" in") :]) == ("There was ", spoilt[end:])
    assert collocations.count(spoilt[start:end].split()) == 0 < collocations.count(["heavy", "rain"])


def test_a_text_without_such_a_pair_is_left_out():
    assert training.corrupt("It was so.", Collocations.load(), Neighbours.load(), random.Random(1)) is None


def test_the_fit_finds_the_feature_that_tells():
    pytest.importorskip("sklearn")
    weights = training.fit([_weighed(gain) for gain in (0.5, 1.0, 1.5)], [_weighed(gain) for gain in (6.0, 7.0, 8.0)])
    assert weights.probability(_weighed(9.0).features) > 0.5 > weights.probability(_weighed(0.2).features)


def test_clean_text_sets_the_bias():
    clean = [_weighed(gain) for gain in range(1, 11)]
    weights = training.calibrated(Weights((1.0, *(0.0,) * (len(FEATURES) - 1)), 0.0), clean, words=3_000)
    flagged = [each.gains[0] for each in clean if weights.probability(each.features) >= 0.5]
    assert flagged == [8, 9, 10]


def test_too_little_clean_text_leaves_the_bias():
    weights = Weights((1.0, *(0.0,) * (len(FEATURES) - 1)), -1.0)
    assert training.calibrated(weights, [_weighed(2.0)], words=5_000) == weights
