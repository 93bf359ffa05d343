"""Near-synonyms: both ways, over one word between, nearest first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backspeak.errors import ModelError
from backspeak.phrasebank.neighbours import MOST, Neighbours, write

WORDS = ["brook", "creek", "ditch", "river"]
# brook is near creek and river; ditch is near brook alone; 0 with a cosine of 0 ends a row.
NEAREST = np.array([[1, 3], [0, 0], [0, 0], [0, 0]], np.uint16)
COSINES = np.array([[0.8, 0.5], [0.0, 0.0], [0.6, 0.0], [0.0, 0.0]])


@pytest.fixture
def neighbours(tmp_path: Path) -> Neighbours:
    write(tmp_path / "n.safetensors", WORDS, NEAREST, COSINES)
    return Neighbours.load(tmp_path / "n.safetensors")


def test_both_ways_and_nearest_first(neighbours: Neighbours) -> None:
    assert [(word, round(cosine, 2)) for word, cosine in neighbours.of("brook")] == [
        ("creek", 0.8), ("ditch", 0.6), ("river", 0.5),
    ]  # fmt: skip


def test_over_one_word_between(neighbours: Neighbours) -> None:
    assert dict(neighbours.of("ditch")) == pytest.approx({"brook": 0.6, "creek": 0.48, "river": 0.3}, abs=0.01)


def test_an_unknown_word_has_none(neighbours: Neighbours) -> None:
    assert neighbours.of("qzxv") == []


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n.safetensors").write_bytes(b"not a table")
    with pytest.raises(ModelError, match="no table of neighbours"):
        Neighbours.load(tmp_path / "n.safetensors")


def test_the_shipped_table() -> None:
    shipped = Neighbours.load()
    near = dict(shipped.of("colossal"))
    assert len(near) <= MOST
    assert near["huge"] > near["big"] > 0.3
    # A word's own forms and its opposites are no near-synonyms of it.
    assert {"narrows", "narrowed", "wide"}.isdisjoint(
        word for word, cosine in shipped.of("narrow")[:36] if cosine > 0.5
    )
    assert "narrow" not in dict(shipped.of("narrow"))
