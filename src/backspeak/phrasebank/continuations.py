"""Which words go on from which: `models/unlisted/continuations.safetensors`, made by `training.continuations`.

What was read for the counts is small beside what a language model has read. Terms that the counts lack
("random forest") stand here: for each word those that the model expects after it more than elsewhere.

vocabulary   the words, one a line
rows         uint32: where the followers of each word start in the two others, and one entry more
followers    uint16: numbers of the words that follow, in rising order
strengths    uint8: 16 times the log of how much likelier (nats) the word is there than after any word
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from backspeak import resources
from backspeak.errors import ModelError

FILE = "continuations.safetensors"
_SCALE = 16


class Continuations:
    """How much a word is expected after another one."""

    def __init__(self, words: Sequence[str], rows: np.ndarray, followers: np.ndarray, strengths: np.ndarray) -> None:
        self._numbers = {word: number for number, word in enumerate(words)}
        self._rows, self._followers, self._strengths = rows, followers, strengths

    @classmethod
    def load(cls, path: Path | None = None) -> Continuations:
        """Open the shipped table or another; ModelError where it is missing or damaged."""
        path = path or resources.models_dir() / "unlisted" / FILE
        try:
            with safe_open(path, framework="np") as file:
                words = file.get_tensor("vocabulary").tobytes().decode("utf-8").split("\n")
                return cls(words, *(file.get_tensor(name) for name in ("rows", "followers", "strengths")))
        except (OSError, SafetensorError, ValueError) as error:
            raise ModelError(f"{path}: no table of continuations ({error}); reinstall backspeak") from error

    def strengths(self, firsts: Sequence[str], seconds: Sequence[str]) -> np.ndarray:
        """Nats by which each second word is likelier after each first one, of (firsts, seconds); 0 if not kept."""
        wanted = np.array([self._numbers.get(word, -1) for word in seconds], np.int64)
        found = np.zeros((len(firsts), len(seconds)))
        for row, word in enumerate(firsts):
            number = self._numbers.get(word)
            if number is None:
                continue
            low, high = int(self._rows[number]), int(self._rows[number + 1])
            if low == high:
                continue
            followers = self._followers[low:high]
            places = np.minimum(np.searchsorted(followers, wanted), high - low - 1)
            found[row] = np.where(followers[places] == wanted, self._strengths[low:high][places] / _SCALE, 0.0)
        return found


def write(path: Path, words: Sequence[str], followers: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Write a table: for each word the (number, strength) of those that follow, in any order."""
    rows = [sorted(row) for row in followers]
    flat = [pair for row in rows for pair in row]
    save_file(
        {
            "vocabulary": np.frombuffer("\n".join(words).encode("utf-8"), np.uint8),
            "rows": np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.uint32),
            "followers": np.array([number for number, _ in flat], np.uint16),
            "strengths": np.clip(np.round([_SCALE * strength for _, strength in flat]), 0, 255).astype(np.uint8),
        },
        path,
        {"licence": "figures computed from Gemma 3 270M; Gemma terms of use"},
    )
