"""Near-synonyms of words: `models/unlisted/neighbours.safetensors`, made by `training.neighbours`.

A file of `word_rows`:

nearest      numbers of the near-synonyms, the nearest first
likeness     255 times how sure it is that the one may stand for the other
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backspeak.phrasebank.collocations import slices
from backspeak.phrasebank.word_rows import RowFormat, WordRows

# No chain of near-synonyms makes surer than this.
_SURE = 0.995


class Neighbours(WordRows):
    """Words of near meaning, with how near they are (0 to 1); `of` gives the nearest first."""

    FORMAT = RowFormat(
        name="neighbours",
        file="neighbours.safetensors",
        others="nearest",
        weights="likeness",
        scale=255,
        licence="figures computed from Gemma 3 270M (Gemma terms of use), WordNet 3.0 and the Moby Thesaurus",
    )

    def wider(self, word: str, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The numbers in `words` of near-synonyms and of theirs, the nearest by both steps together first.

        Beside each its likeness by `of`, 0 if it is not there, and by both steps; three arrays of one length.
        """
        scale = self.FORMAT.scale
        nearest, scaled = self._row(word)
        near, likeness = nearest.astype(np.int64), scaled / scale
        starts, ends = self._rows[near].astype(np.int64), self._rows[near + 1].astype(np.int64)
        places = slices(starts, ends)
        through = np.repeat(likeness, ends - starts) * self._weights[places] / scale
        doubts = np.log1p(-np.minimum(np.concatenate([likeness, through]), _SURE))
        doubt = np.bincount(np.concatenate([near, self._others[places]]), doubts, minlength=len(self.words))
        if word in self._numbers:
            doubt[self._numbers[word]] = 0.0
        found = np.flatnonzero(doubt)
        best = found[np.argsort(doubt[found], kind="stable")[:most]]
        direct = np.zeros(len(self.words))
        direct[near] = likeness
        return best, direct[best], -np.expm1(doubt[best])


def write(path: Path, words: Sequence[str], near: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Write a table: for each word the (number, likeness) of its near-synonyms, the nearest first."""
    Neighbours.FORMAT.write(path, words, near)
