"""Near-synonyms: the nearest first, by a table that says how sure it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from backspeak.errors import ModelError
from backspeak.phrasebank.neighbours import Neighbours, write

WORDS = ["brook", "creek", "ditch", "river"]
NEAR = [[(1, 0.8), (3, 0.5)], [], [(0, 0.6)], [(2, 2.0)]]


@pytest.fixture
def neighbours(tmp_path: Path) -> Neighbours:
    write(tmp_path / "n.safetensors", WORDS, NEAR)
    return Neighbours.load(tmp_path / "n.safetensors")


def test_near_synonyms_come_with_their_likeness(neighbours: Neighbours) -> None:
    assert [(word, round(likeness, 2)) for word, likeness in neighbours.of("brook")] == [("creek", 0.8), ("river", 0.5)]
    assert dict(neighbours.of("ditch")) == pytest.approx({"brook": 0.6}, abs=0.01)


def test_no_likeness_is_above_one(neighbours: Neighbours) -> None:
    assert neighbours.of("river") == [("ditch", 1.0)]


def test_a_word_without_near_synonyms_has_none(neighbours: Neighbours) -> None:
    assert neighbours.of("creek") == neighbours.of("qzxv") == []


def test_near_synonyms_of_near_synonyms_are_reached_in_two_steps(neighbours: Neighbours) -> None:
    found = {
        neighbours.words[number]: (round(direct, 2), round(joint, 2))
        for number, direct, joint in zip(*neighbours.wider("brook", 5), strict=True)
    }
    # The river is half a brook, and the ditch as good as a river.
    assert found == {"creek": (0.8, 0.8), "river": (0.5, 0.5), "ditch": (0.0, 0.5)}
    assert [neighbours.words[number] for number in neighbours.wider("brook", 1)[0]] == ["creek"]


def test_a_word_without_near_synonyms_reaches_none(neighbours: Neighbours) -> None:
    assert neighbours.wider("qzxv", 5)[0].size == neighbours.wider("creek", 5)[0].size == 0


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n.safetensors").write_bytes(b"not a table")
    with pytest.raises(ModelError, match="no table of neighbours"):
        Neighbours.load(tmp_path / "n.safetensors")


def test_the_shipped_table() -> None:
    shipped = Neighbours.load()
    near = dict(shipped.of("colossal"))
    assert near["huge"] > near["big"] > 0.3
    # A word's own forms and its opposites are no near-synonyms of it.
    assert {"narrow", "narrows", "narrowed", "wide", "broad"}.isdisjoint(dict(shipped.of("narrow")))
    # Forms go with forms: thesauri list neither of these.
    assert "predictions" in dict(shipped.of("forecasts"))
