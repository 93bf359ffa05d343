"""Near-synonyms of words: `models/unlisted/neighbours.safetensors`, made by `training.neighbours`.

vocabulary   the words, one a line
rows         uint32: where the near-synonyms of each word start in the two others, and one entry more
nearest      uint16: numbers of the near-synonyms, the nearest first
likeness     uint8: 255 times how sure it is that the one may stand for the other
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from backspeak import resources
from backspeak.errors import ModelError

FILE = "neighbours.safetensors"


class Neighbours:
    """Words of near meaning, with how near they are (0 to 1)."""

    def __init__(self, words: list[str], rows: np.ndarray, nearest: np.ndarray, likeness: np.ndarray) -> None:
        self._words = words
        self._numbers = {word: number for number, word in enumerate(words)}
        self._rows, self._nearest, self._likeness = rows, nearest, likeness

    @classmethod
    def load(cls, path: Path | None = None) -> Neighbours:
        """Open the shipped table or another; ModelError where it is missing or damaged."""
        path = path or resources.models_dir() / "unlisted" / FILE
        try:
            with safe_open(path, framework="np") as file:
                words = file.get_tensor("vocabulary").tobytes().decode("utf-8").split("\n")
                return cls(words, *(file.get_tensor(name) for name in ("rows", "nearest", "likeness")))
        except (OSError, SafetensorError, ValueError) as error:
            raise ModelError(f"{path}: no table of neighbours ({error}); reinstall backspeak") from error

    def of(self, word: str) -> list[tuple[str, float]]:
        """The near-synonyms of a lower-case word with their likeness, the nearest first; none where it is not known."""
        number = self._numbers.get(word)
        if number is None:
            return []
        row = slice(int(self._rows[number]), int(self._rows[number + 1]))
        return [
            (self._words[other], likeness / 255)
            for other, likeness in zip(self._nearest[row].tolist(), self._likeness[row].tolist(), strict=True)
        ]


def write(path: Path, words: Sequence[str], near: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Write a table: for each word the (number, likeness) of its near-synonyms, the nearest first."""
    flat = [pair for row in near for pair in row]
    save_file(
        {
            "vocabulary": np.frombuffer("\n".join(words).encode("utf-8"), np.uint8),
            "rows": np.concatenate([[0], np.cumsum([len(row) for row in near])]).astype(np.uint32),
            "nearest": np.array([number for number, _ in flat], np.uint16),
            "likeness": np.clip(np.round([255 * likeness for _, likeness in flat]), 0, 255).astype(np.uint8),
        },
        path,
        {"licence": "figures computed from Gemma 3 270M (Gemma terms of use), WordNet 3.0 and the Moby Thesaurus"},
    )
