"""Attested wordings of near meaning for two or three words: "big data" for "colossal information".

Every word may give way to its near-synonyms. What remains are the combinations that reference English
joins (`collocations`) or that a language model expects (`continuations`), and compounds of two words
written as one ("tightrope" for "narrow rope").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.continuations import Continuations
from backspeak.phrasebank.neighbours import Neighbours

_MIN_COUNT, _MIN_COMPOUND_COUNT = 2, 6
# A model expects much that nobody says; below this many nats its word is not taken for it.
MIN_STRENGTH = 1.5
# How a likeness is set off against association. On 134 pairs of ours a half more or less changed nothing.
_LIKENESS_WEIGHT = 6.0
_UNSEEN = 0.3
_BEAM = 256


@dataclass(frozen=True)
class Alternative:
    """Another wording: how promising it is, the least count of its pairs, the mean likeness of the words it changes."""

    wording: str
    score: float
    count: int
    likeness: float


class Rewording:
    """The three tables together."""

    def __init__(self, collocations: Collocations, neighbours: Neighbours, continuations: Continuations) -> None:
        self._collocations = collocations
        self._neighbours = neighbours
        self._continuations = continuations

    @classmethod
    def load(cls) -> Rewording:
        """With the shipped tables."""
        return cls(Collocations.load(), Neighbours.load(), Continuations.load())

    def share(self, word: str) -> float:
        """Log of the share of a word in reference English."""
        return math.log((self._collocations.count([word]) + 1) / self._collocations.total)

    def strength(self, first: str, second: str) -> float:
        """Nats by which a language model expects the second word more after the first than elsewhere; 0 if little."""
        return float(self._continuations.strengths([first], [second])[0, 0])

    def count(self, first: str, second: str) -> int:
        """How often the two words stand side by side in reference English."""
        return self._collocations.count([first, second])

    def association(self, first: str, second: str) -> float:
        """How much more the two words attract each other than chance, by counts and model together."""
        return float(self._association([first], [second])[0][0, 0])

    def alternatives(self, words: Sequence[str], most: int, excluded: frozenset[str]) -> list[Alternative]:
        """At most `most` attested wordings near in meaning to two or three words, the most promising first."""
        choices = [
            [(word, 1.0), *((other, near) for other, near in self._neighbours.of(word) if other not in excluded)]
            for word in words
        ]
        found = self._chains(choices, most)
        if len(words) == 2:
            found += self._compounds(choices)
        return sorted(found, key=lambda each: (-each.score, each.wording))[:most]

    def _association(self, firsts: Sequence[str], seconds: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of (firsts, seconds): how far the two attract each other, whether that is attested, and the counts."""
        counts = self._collocations.pair_counts(firsts, seconds)
        ours = np.array([self._collocations.count([word]) for word in firsts], float) + 1
        theirs = np.array([self._collocations.count([word]) for word in seconds], float) + 1
        expected = np.outer(ours, theirs) / self._collocations.total
        strengths = self._continuations.strengths(firsts, seconds)
        counted = np.log((counts + _UNSEEN) / (expected + _UNSEEN)) + np.log(counts + _UNSEEN)
        attested = (counts >= _MIN_COUNT) | (strengths >= MIN_STRENGTH)
        return strengths + counted / 2, attested, counts

    def _chains(self, choices: list[list[tuple[str, float]]], most: int) -> list[Alternative]:
        """Wordings of as many words, every pair of which is attested: the best of a beam from left to right."""
        words = [[word for word, _ in mine] for mine in choices]
        near = [np.array([likeness for _, likeness in mine]) for mine in choices]
        cost = [_LIKENESS_WEIGHT * np.log(mine) for mine in near]
        paths, scores = np.arange(len(words[0]))[:, None], cost[0]
        least = np.full(len(scores), np.iinfo(np.int64).max)
        for at in range(1, len(words)):
            association, attested, counts = self._association(words[at - 1], words[at])
            step = np.where(attested, association, -np.inf) + cost[at]
            last = paths[:, -1]
            joint = scores[:, None] + step[last]
            joint[np.isneginf(joint)] = -np.inf
            best = np.argsort(-joint, axis=None, kind="stable")[:_BEAM]
            rows, columns = np.divmod(best, joint.shape[1])
            paths = np.concatenate([paths[rows], columns[:, None]], axis=1)
            least = np.minimum(least[rows], counts[last[rows], columns])
            scores = joint.ravel()[best]
        found = []
        for path, score, count in zip(paths, scores, least, strict=True):
            changed = [float(mine[i]) for mine, i in zip(near, path, strict=True) if i]
            wording = [mine[i] for mine, i in zip(words, path, strict=True)]
            if not math.isfinite(score) or not changed or len(set(wording)) < len(wording):
                continue
            found.append(Alternative(" ".join(wording), float(score), int(count), sum(changed) / len(changed)))
            if len(found) == most:
                break
        return found

    def _compounds(self, choices: list[list[tuple[str, float]]]) -> list[Alternative]:
        found = []
        for first, near in choices[0]:
            for second, nearer in choices[1]:
                count = self._collocations.count([first + second])
                if count < _MIN_COMPOUND_COUNT:
                    continue
                changed = [likeness for likeness in (near, nearer) if likeness < 1.0] or [1.0]
                # As if the two words were seen side by side that often.
                expected = math.exp(self.share(first) + self.share(second)) * self._collocations.total
                score = math.log(count / (expected + _UNSEEN)) / 2 + math.log(count) / 2
                score += _LIKENESS_WEIGHT * math.log(near * nearer)
                found.append(Alternative(first + second, score, count, sum(changed) / len(changed)))
        return found
