"""Which words go on from which."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backspeak.errors import ModelError
from backspeak.phrasebank.continuations import Continuations, write

WORDS = ["boat", "house", "river", "rowing"]


@pytest.fixture
def continuations(tmp_path: Path) -> Continuations:
    write(tmp_path / "c.safetensors", WORDS, [[(1, 2.5)], [], [(1, 1.0), (0, 3.0)], [(0, 99.0)]])
    return Continuations.load(tmp_path / "c.safetensors")


def _strengths(table: Continuations, firsts: list[str], seconds: list[str]) -> np.ndarray:
    return table.strengths(table.numbers(firsts), table.numbers(seconds))


def test_every_first_word_meets_every_second(continuations: Continuations) -> None:
    found = _strengths(continuations, ["boat", "river", "house", "moat"], ["boat", "house", "moat"])
    assert np.allclose(found, [[0, 2.5, 0], [3.0, 1.0, 0], [0, 0, 0], [0, 0, 0]])


def test_what_no_byte_holds_is_cut(continuations: Continuations) -> None:
    assert _strengths(continuations, ["rowing"], ["boat"])[0, 0] == 255 / 16


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.safetensors").write_bytes(b"not a table")
    with pytest.raises(ModelError, match="no table of continuations"):
        Continuations.load(tmp_path / "c.safetensors")


def test_the_shipped_table() -> None:
    shipped = Continuations.load()
    strengths = _strengths(shipped, ["deep", "random", "neural"], ["learning", "forest", "network"])
    assert np.diag(strengths).min() > 3.0
    assert _strengths(shipped, ["profound"], ["forest"])[0, 0] == 0.0


def test_a_word_that_was_asked_about_is_known(continuations: Continuations) -> None:
    assert "river" in continuations
    assert "moat" not in continuations
