"""Tables that hold for each word of a vocabulary a row of others with their weights (safetensors).

vocabulary   the words, one a line
rows         uint32: where the row of each word starts in the two others, and one entry more
OTHERS       uint16: numbers of the words in the rows
WEIGHTS      uint8: their weights, times a scale

What the latter two are called, and the scale, is each table's own (`RowFormat`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from backspeak import resources
from backspeak.errors import ModelError


@cache
def opened_once(load: Callable[[Path], Any], path: Path) -> Any:
    """What `load` makes of a shipped file: one for the whole process."""
    return load(path)


@dataclass(frozen=True)
class RowFormat:
    """What sets one table apart from the others; `name` is what a message calls it, `file` the shipped one."""

    name: str
    file: str
    others: str
    weights: str
    scale: int
    licence: str

    def write(self, path: Path, words: Sequence[str], rows: Sequence[Sequence[tuple[int, float]]]) -> None:
        """Write for each word its row of (number, weight); what a byte cannot hold of a weight is cut."""
        flat = [pair for row in rows for pair in row]
        save_file(
            {
                "vocabulary": np.frombuffer("\n".join(words).encode("utf-8"), np.uint8),
                "rows": np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.uint32),
                self.others: np.array([number for number, _ in flat], np.uint16),
                self.weights: np.clip(np.round([self.scale * weight for _, weight in flat]), 0, 255).astype(np.uint8),
            },
            path,
            {"licence": self.licence},
        )


class WordRows:
    """A table in memory; a subclass says which (`FORMAT`)."""

    FORMAT: ClassVar[RowFormat]

    def __init__(self, words: Sequence[str], rows: np.ndarray, others: np.ndarray, weights: np.ndarray) -> None:
        """The arrays are those of a file."""
        self.words = words
        self._numbers = {word: number for number, word in enumerate(words)}
        self._rows, self._others, self._weights = rows, others, weights

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Open the shipped table, one for the whole process, or another; ModelError if it is missing or damaged."""
        if path is None:
            return opened_once(cls.load, resources.models_dir() / "unlisted" / cls.FORMAT.file)
        try:
            with safe_open(path, framework="np") as file:
                words = file.get_tensor("vocabulary").tobytes().decode("utf-8").split("\n")
                names = ("rows", cls.FORMAT.others, cls.FORMAT.weights)
                return cls(words, *(file.get_tensor(name) for name in names))
        except (OSError, SafetensorError, ValueError) as error:
            raise ModelError(f"{path}: no table of {cls.FORMAT.name} ({error}); reinstall backspeak") from error

    def __contains__(self, word: str) -> bool:
        """Whether the vocabulary has the lower-case word."""
        return word in self._numbers

    def of(self, word: str) -> list[tuple[str, float]]:
        """The other words of a lower-case word with their weights, as they were written; none where it is not known."""
        others, weights = self._row(word)
        return [
            (self.words[other], scaled / self.FORMAT.scale)
            for other, scaled in zip(others.tolist(), weights.tolist(), strict=True)
        ]

    def _row(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        """Numbers and scaled weights of the others in a word's row; empty where the word is not known."""
        number = self._numbers.get(word)
        row = slice(0) if number is None else slice(int(self._rows[number]), int(self._rows[number + 1]))
        return self._others[row], self._weights[row]
