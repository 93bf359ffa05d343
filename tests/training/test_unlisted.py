"""The recipe of the decision: errors are made of attested pairs, and clean text sets the bias."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from backspeak.evidence.unlisted import FEATURES, Decision, Place, Weighed
from backspeak.judge.trees import Trees
from backspeak.phrasebank import PhraseBank
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


def _taught() -> list:
    return [
        training.Taught(_weighed(low + number / 50), low > 1.0, weight)
        for low, weight in ((0.5, 1.0), (6.0, 3.0))
        for number in range(50)
    ]


def test_an_error_is_made_of_an_attested_pair():
    collocations, neighbours = Collocations.load(), Neighbours.load()
    text = "There was heavy rain in the village."
    made = training.corrupt(text, collocations, neighbours, random.Random(1))
    assert made is not None
    assert (text[: made.start], text[text.index(" in") :]) == ("There was ", made.text[made.end :])
    assert collocations.count(made.text[made.start : made.end].split()) == 0 < collocations.count(["heavy", "rain"])


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


def test_a_listed_phrase_teaches_with_its_example_and_the_mended_one():
    marked = training.listed(PhraseBank.load())
    wrong, right = marked[::2], marked[1::2]
    assert len(wrong) == len(right) > 1_000
    assert all(each.error for each in wrong)
    assert not any(each.error for each in right)
    for bad, good in zip(wrong, right, strict=True):
        assert bad.text[: bad.start] == good.text[: good.start]
        assert bad.text[bad.end :] == good.text[good.end :]
        assert bad.text != good.text


def test_a_tortured_phrase_teaches_beside_what_was_meant():
    pairs = [("colossal information", "big data"), ("support vectors", "support vectors")]
    bad, good = training.tortured(pairs, random.Random(1))
    assert (bad.text[bad.start : bad.end], good.text[good.start : good.end]) == pairs[0]
    assert bad.error
    assert not good.error
    assert bad.text[: bad.start] == good.text[: good.start]
    assert bad.weight == good.weight > 1.0


def test_only_places_on_what_is_marked_teach():
    marked = [training.Marked("an odd pair", 8, 11), training.Marked("an odd pair", 0, 2, error=False)]
    ((one), *others) = training.taught(marked, [[replace(_weighed(1.0), place=Place(3, 11, ("odd", "pair"), ()))]] * 2)
    assert not others
    assert one.error


def test_the_fit_finds_the_feature_that_tells(tmp_path):
    pytest.importorskip("sklearn")
    training.write_trees(training.fit(_taught()), tmp_path / "trees.safetensors")
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
    clean = [[_weighed(-1.0)], [], *([_weighed(1.0)] for _ in range(9))]
    scores = training.unseen_scores(_taught(), clean)
    assert len(scores) == 9
    assert max(scores) < 0
