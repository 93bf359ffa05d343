"""Near-synonyms of words: `models/unlisted/neighbours.safetensors`, made by `training.neighbours`.

A file of `word_rows`:

nearest      numbers of the near-synonyms, the nearest first
likeness     255 times how sure it is that the one may stand for the other
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backspeak.phrasebank.word_rows import RowFormat, WordRows


class Neighbours(WordRows):
    """Words of near meaning, with how near they are (0 to 1)."""

    FORMAT = RowFormat(
        name="neighbours",
        file="neighbours.safetensors",
        others="nearest",
        weights="likeness",
        scale=255,
        licence="figures computed from Gemma 3 270M (Gemma terms of use), WordNet 3.0 and the Moby Thesaurus",
    )

    def of(self, word: str) -> list[tuple[str, float]]:
        """The near-synonyms of a lower-case word with their likeness, the nearest first; none where it is not known."""
        nearest, likeness = self._row(word)
        return [
            (self._words[other], scaled / self.FORMAT.scale)
            for other, scaled in zip(nearest.tolist(), likeness.tolist(), strict=True)
        ]


def write(path: Path, words: Sequence[str], near: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Write a table: for each word the (number, likeness) of its near-synonyms, the nearest first."""
    Neighbours.FORMAT.write(path, words, near)
