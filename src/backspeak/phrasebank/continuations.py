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

    def strengths(self, firsts: Sequence[str], seconds: Sequence[str]) -> np.ndarray:
        """Nats by which each second word is likelier after each first one, of (firsts, seconds); 0 if not kept."""
        wanted = np.array([self._numbers.get(word, -1) for word in seconds], np.int64)
        found = np.zeros((len(firsts), len(seconds)))
        for row, word in enumerate(firsts):
            followers, strengths = self._row(word)
            if not len(followers):
                continue
            places = np.minimum(np.searchsorted(followers, wanted), len(followers) - 1)
            found[row] = np.where(followers[places] == wanted, strengths[places] / self.FORMAT.scale, 0.0)
        return found


def write(path: Path, words: Sequence[str], followers: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Write a table: for each word the (number, strength) of those that follow, in any order."""
    Continuations.FORMAT.write(path, words, [sorted(row) for row in followers])
