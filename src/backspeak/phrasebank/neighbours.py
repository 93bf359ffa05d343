"""Near-synonyms of words: `models/unlisted/neighbours.safetensors`, made by `training.neighbours`.

vocabulary   the words, one a line
nearest      uint16 of (words, neighbours): numbers of the nearest words, the nearest first
cosines      uint8 of the same shape: 255 times their cosine; 0 ends a row
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from backspeak import resources
from backspeak.errors import ModelError

FILE = "neighbours.safetensors"
MOST = 72  # near-synonyms of one word
_HOPS = 10  # how many of the nearest are followed on


class Neighbours:
    """Words of near meaning, with how near they are (cosine, 0 to 1)."""

    def __init__(self, words: list[str], nearest: np.ndarray, cosines: np.ndarray) -> None:
        self._words = words
        self._numbers = {word: number for number, word in enumerate(words)}
        self._nearest, self._cosines = nearest, cosines
        # Where each word stands in the rows of others.
        self._order = np.argsort(nearest, axis=None, kind="stable")
        self._sorted = nearest.ravel()[self._order]
        self._found: dict[str, list[tuple[str, float]]] = {}

    @classmethod
    def load(cls, path: Path | None = None) -> Neighbours:
        """Open the shipped table or another; ModelError where it is missing or damaged."""
        path = path or resources.models_dir() / "unlisted" / FILE
        try:
            with safe_open(path, framework="np") as file:
                words = file.get_tensor("vocabulary").tobytes().decode("utf-8").split("\n")
                return cls(words, file.get_tensor("nearest"), file.get_tensor("cosines"))
        except (OSError, SafetensorError, ValueError) as error:
            raise ModelError(f"{path}: no table of neighbours ({error}); reinstall backspeak") from error

    def of(self, word: str) -> list[tuple[str, float]]:
        """The nearest words of a lower-case word with their cosines, the nearest first; none where it is not known.

        Both ways, since a rare word is nearest to a common one more often than the other way round, and
        over one word between ("colossal", "huge", "big") with the product of both cosines.
        """
        if word not in self._found:
            self._found[word] = self._look_up(word)
        return self._found[word]

    def _look_up(self, word: str) -> list[tuple[str, float]]:
        number = self._numbers.get(word)
        if number is None:
            return []
        near = self._direct(number)
        for other in sorted(near, key=lambda each: (-near[each], each))[:_HOPS]:
            further = self._direct(other)
            for third in sorted(further, key=lambda each: (-further[each], each))[:_HOPS]:
                near[third] = max(near.get(third, 0.0), near[other] * further[third])
        near.pop(number, None)
        ranked = sorted((-cosine, other) for other, cosine in near.items())
        return [(self._words[other], -cosine) for cosine, other in ranked[:MOST]]

    def _direct(self, number: int) -> dict[int, float]:
        """Cosines by word number, of the row of a word and of the rows that it stands in."""
        near = {
            other: cosine / 255
            for other, cosine in zip(self._nearest[number].tolist(), self._cosines[number].tolist(), strict=True)
            if cosine
        }
        low, high = np.searchsorted(self._sorted, np.array([number, number + 1], self._sorted.dtype))
        for place in self._order[low:high].tolist():
            row, column = divmod(place, self._nearest.shape[1])
            if self._cosines[row, column]:
                near[row] = max(near.get(row, 0.0), float(self._cosines[row, column]) / 255)
        return near


def write(path: Path, words: list[str], nearest: np.ndarray, cosines: np.ndarray) -> None:
    """Write a table; cosines outside 0 to 1 are cut."""
    save_file(
        {
            "vocabulary": np.frombuffer("\n".join(words).encode("utf-8"), np.uint8),
            "nearest": np.asarray(nearest, np.uint16),
            "cosines": np.clip(np.round(np.asarray(cosines) * 255), 0, 255).astype(np.uint8),
        },
        path,
        {"licence": "figures computed from Gemma 3 270M; Gemma terms of use"},
    )
