"""The recipe of the decision: errors are made of attested pairs, and clean text sets the bias."""

from __future__ import annotations

import random

import pytest

from backspeak.evidence.unlisted import FEATURES, Decision, Place, Weighed
from backspeak.judge.trees import Trees
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.continuations import Continuations
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.phrasebank.rewording import Alternative

training = pytest.importorskip("backspeak.training.unlisted")


def _weighed(gain: float) -> Weighed:
    place = Place(0, 8, ("odd", "pair"), (Alternative("even pair", 1.0, 9, 0.5),))
    return Weighed(place, (gain,), (gain, *(0.0,) * (len(FEATURES) - 1)))


def _by_gain(bias: float) -> Decision:
    return Decision(lambda table: table[:, 0], bias)


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


def test_set_phrases_are_drawn_from_the_counts():
    collocations = Collocations.load()
    drawn = training.terms(collocations, Neighbours.load(), random.Random(1), 5)
    assert len(drawn) == 5
    assert all(collocations.count(term.split()) >= 8 for term in drawn)


def test_a_hidden_pair_looks_as_one_that_the_tables_lack():
    tables = training.Hiding(Collocations.load(), Neighbours.load(), Continuations.load())
    assert tables.count("neural", "network") > 0 < tables.strength("neural", "network")
    tables.hidden = frozenset({("neural", "network")})
    assert (tables.count("neural", "network"), tables.strength("neural", "network")) == (0, 0.0)
    assert tables.count("neural", "networks") > 0


def test_the_fit_finds_the_feature_that_tells(tmp_path):
    pytest.importorskip("sklearn")
    good, bad = ([_weighed(low + number / 50) for number in range(50)] for low in (0.5, 6.0))
    training.write_trees([training.fit(good, bad)], tmp_path / "trees.safetensors")
    decision = Decision(Trees(tmp_path / "trees.safetensors"), 0.0)
    assert decision.probability(_weighed(9.0)) > 0.5 > decision.probability(_weighed(0.2))


def test_clean_text_sets_the_bias():
    words = int(3_000 / training.CLEAN_ALARMS)
    bias = training.calibrated(list(range(1, 11)), words)
    assert [gain for gain in range(1, 11) if _by_gain(bias).probability(_weighed(gain)) >= 0.5] == [8, 9, 10]


def test_too_little_clean_text_leaves_the_bias():
    assert training.calibrated([2.0], words=50_000) == 0.0


def test_clean_places_are_scored_unseen_and_only_where_a_flag_could_be():
    pytest.importorskip("sklearn")
    good, bad = ([_weighed(low + number / 50) for number in range(50)] for low in (0.5, 6.0))
    scores = training.unseen_scores(good, bad, [_weighed(-1.0), *(_weighed(1.0) for _ in range(9))])
    assert len(scores) == 9
    assert max(scores) < 0
