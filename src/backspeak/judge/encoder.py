"""The judge's encoder: two networks read each text, and their opinions are averaged.

A multilingual one reads the text alone and, where there is one, with its source; one of English
only reads the text. They err in different places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from backspeak.judge.reader import Opinion, Reader

WEIGHTS, VOCABULARY = "encoder.safetensors", "encoder.model"
ENGLISH_WEIGHTS, ENGLISH_VOCABULARY = "english.safetensors", "english.json"

# Share of the English network in the average, chosen on MLQE-PE dev (see models/judge/card.md).
ENGLISH_SHARE = {"alone": 0.5, "source": 0.1}


class Encoder:
    """The networks of a judge's folder; without the files of the English one the other reads alone."""

    def __init__(self, folder: Path, threads: int = 0, progress: Callable[[int, int, str], None] | None = None) -> None:
        self._multilingual = Reader(folder, WEIGHTS, VOCABULARY, threads, progress)
        self._english: Reader | None = None
        if (folder / ENGLISH_WEIGHTS).exists():
            self._english = Reader(folder, ENGLISH_WEIGHTS, ENGLISH_VOCABULARY, threads, progress)

    def opinions(
        self, texts: Sequence[str], words: Sequence[Sequence[tuple[int, int]]], sources: Sequence[str | None]
    ) -> list[dict[str, Opinion]]:
        """Opinions of each text by what was read: "alone", and "source" where there is one.

        `words` are the offsets to be judged. Results do not depend on the batch.
        """
        nothing: list[str | None] = [None] * len(texts)
        by_mode = [{"alone": each} for each in self._multilingual.opinions(texts, words, nothing)]
        sourced = [index for index, source in enumerate(sources) if source]
        read = self._multilingual.opinions(
            [texts[index] for index in sourced],
            [words[index] for index in sourced],
            [sources[index] for index in sourced],
        )
        for index, opinion in zip(sourced, read, strict=True):
            by_mode[index]["source"] = opinion
        if self._english is None:
            return by_mode
        english = self._english.opinions(texts, words, nothing)
        return [
            {mode: _average(each, own, ENGLISH_SHARE[mode]) for mode, each in opinions.items()}
            for opinions, own in zip(by_mode, english, strict=True)
        ]


def _average(first: Opinion, second: Opinion, share: float) -> Opinion:
    """Both opinions weighed; of a word that only one has read, that one's."""

    def words(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        mean = (1 - share) * one + share * other
        return np.where(np.isnan(mean), np.where(np.isnan(one), other, one), mean)

    return Opinion(
        words(first.bad, second.bad),
        words(first.gap, second.gap),
        *(
            (1 - share) * getattr(first, name) + share * getattr(second, name)
            for name in ("quality", "edits", "distance", "error")
        ),
    )
