"""Damage is real, known to the letter, and the same every time."""

from __future__ import annotations

import re

import pytest

from backspeak.evidence.words import word_offsets
from backspeak.training.corruption import Corrupter, wordnet_synonyms

CLEAN = [
    "The old fisherman repaired the broken nets before the storm reached Whitstable harbour.",
    "She carried the heavy boxes from the cellar to the kitchen and made strong coffee for everyone.",
    "In winter the lake freezes, and the children of the village skate on it until dark.",
    "Our teacher Margaret explained the difficult rule with a simple picture on the board.",
] * 4


def test_synonyms_are_read_by_part_of_speech(wordnet_folder):
    synonyms = wordnet_synonyms(wordnet_folder)
    assert synonyms["noun", "boat"] == {"vessel", "craft"}
    assert synonyms["verb", "haul"] == {"carry"}
    assert ("verb", "boat") not in synonyms


@pytest.fixture
def corrupter():
    synonyms = {
        ("noun", "storm"): {"tempest"}, ("noun", "coffee"): {"java"}, ("noun", "box"): {"carton"},
        ("adj", "heavy"): {"weighty"}, ("verb", "carry"): {"haul"}, ("adj", "strong"): {"potent"},
    }  # fmt: skip
    return Corrupter(CLEAN, synonyms, seed=5)


def test_the_marked_words_are_those_that_changed(corrupter):
    damaged = 0
    for text in CLEAN * 5:
        result = corrupter.corrupt(text)
        if result is None:
            continue
        damaged += 1
        assert result.text != text
        words = set(word_offsets(result.text))
        assert set(result.bad) <= words
        assert set(result.gap) <= words
        sound = re.findall(r"\w+", text)
        for start, end in result.bad:
            word = result.text[start:end]
            before = result.text[:start].split()
            # A marked word is new, stands elsewhere, or has lost the article before it.
            assert word not in sound or sound.index(word) != len(before) or before[-1:] not in (["the"], ["a"]), word
    assert damaged > 40


def test_inflection_is_carried_over():
    corrupter = Corrupter(CLEAN, {("noun", "box"): {"carton"}, ("verb", "carry"): {"haul"}}, seed=1)
    seen = " ".join(result.text for text in CLEAN * 20 if (result := corrupter.corrupt(text)))
    assert "cartons" in seen
    assert "hauled" in seen


def test_the_same_seed_gives_the_same_damage():
    synonyms = {("adj", "heavy"): {"weighty"}}
    first, second = Corrupter(CLEAN, synonyms, 9), Corrupter(CLEAN, synonyms, 9)
    assert [first.corrupt(text) for text in CLEAN] == [second.corrupt(text) for text in CLEAN]


def test_too_little_text_is_left_alone(corrupter):
    assert corrupter.corrupt("Stop it now!") is None
    assert corrupter.corrupt("") is None


CUSTOMARY = [
    "She made a decision and the decision was final.",
    "They made the decision before the heavy rain began.",
    "He made a decision because of the heavy rain.",
    "The heavy rain hid the road, and a decision was made.",
    "It took time, and time heals; she took the time to answer. The time came, a time of hope.",
] * 3


def test_only_what_stands_together_by_custom_is_parted():
    corrupter = Corrupter(CUSTOMARY, {("noun", "road"): {"street"}}, seed=3)
    made = [each for text in CUSTOMARY * 6 if (each := corrupter.corrupt(text, "collocations")) is not None]
    changed = {each.text[start:end] for each in made for start, end in each.bad}
    assert len(made) > 20
    assert not changed & {"street", "heavy"}
    # In the form of the verb that stood there.
    assert changed & {"did", "gave", "held", "carried", "opened", "passed"}
    assert not any("heavy rain" in each.text and "made" in each.text and "took" in each.text for each in made)


def test_synonyms_alone():
    corrupter = Corrupter(CLEAN, {("noun", "storm"): {"tempest"}, ("adj", "heavy"): {"weighty"}}, seed=2)
    made = [each for text in CLEAN * 4 if (each := corrupter.corrupt(text, "synonyms")) is not None]
    assert {each.text[start:end] for each in made for start, end in each.bad} == {"tempest", "weighty"}


def test_a_text_without_a_customary_pair_is_left_alone():
    corrupter = Corrupter(CLEAN, {}, seed=2)
    assert corrupter.corrupt("The children of the village skate on it until dark.", "collocations") is None
