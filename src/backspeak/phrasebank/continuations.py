"""Which words go on from which: `models/unlisted/continuations.safetensors`, made by `training.continuations`.

What was read for the counts is small beside what a language model has read. Terms that the counts lack
("random forest") stand here: for each word those that the model expects after it more than elsewhere.

A file of `word_rows`:

followers    numbers of the words that follow, in rising order
strengths    16 times the log of how much likelier (nats) the word is there than after any word
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backspeak.phrasebank.collocations import crossed
from backspeak.phrasebank.word_rows import RowFormat, WordRows


class Continuations(WordRows):
    """How much a word is expected after another one."""

    FORMAT = RowFormat(
        name="continuations",
        file="continuations.safetensors",
        others="followers",
        weights="strengths",
        scale=16,
        licence="figures computed from Gemma 3 270M; Gemma terms of use",
    )

    def numbers(self, words: Sequence[str]) -> np.ndarray:
        """The number of each word, int64 of (words,); -1 for one that the model was not asked about."""
        return np.array([self._numbers.get(word, -1) for word in words], np.int64)

    def strengths(self, firsts: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Nats by which each second word is likelier after each first one, all by number, of (firsts, seconds).

        0 for what is not kept.
        """
        return crossed(self._rows, self._others, self._weights, firsts, seconds) / self.FORMAT.scale


def write(path: Path, words: Sequence[str], followers: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Write a table: for each word the (number, strength) of those that follow, in any order."""
    Continuations.FORMAT.write(path, words, [sorted(row) for row in followers])
