"""Attested wordings of near meaning for two or three words: "big data" for "colossal information".

Every word may give way to its near-synonyms. What remains are the combinations that reference English
joins (`collocations`) or that a language model expects (`continuations`), and compounds of two words
written as one ("tightrope" for "narrow rope").
"""

from __future__ import annotations

import functools
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice, pairwise, product

import numpy as np

from backspeak import resources
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.continuations import Continuations
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.phrasebank.substitutions import Substitutions

_MIN_COUNT, _MIN_COMPOUND_COUNT = 2, 6
# A model expects much that nobody says; below this many nats its word is not taken for it.
MIN_STRENGTH = 1.5
# How a likeness, and a place in the order of nearness, are set off against association: swept over 472 phrases.
# A third more or less of any changes the first three by less than 2%.
_LIKENESS_WEIGHT, _RANK_WEIGHT = 3.0, 0.6
_UNSEEN = 0.3
_BEAM = 256
# Of each word, where all words may change and where one does. A near-synonym of a near-synonym counts as the
# least of the first: so many of them bring 57% of those phrases into reach, near-synonyms alone 46%.
_NEAREST, _NEAREST_ALONE, _SECOND = 300, 1200, 0.1
# A kept word that the counts hardly know and the model does not tells nothing by what it is not seen with: any
# near-synonym may stand beside it, at this association.
_RARE, _BESIDE_RARE = 60, 1.0
# Of what spinners put a word for, unattested wordings are made with so many, if this sure of each.
_MOST_SPUN, _LEAST_SPUN = 3, 0.2
# What speaks for them where no count does. Swept on 150 phrases of the development half, of which the table knew
# nothing: the right one is among the first three for 38.4% at 0, 39.6% at 2, 39.3% at 4.
_SPUN = 2.0


@dataclass(frozen=True)
class Alternative:
    """Another wording: how promising it is, the least count of its pairs, the mean likeness of the words it changes.

    `sure` says that each of those is a near-synonym and that each pair is attested: such a wording speaks
    against the text, any other is only worth a look. `spun` is how sure it is that spinners put one of the words
    for that of the wording, 0 where they are not known to.
    """

    wording: str
    score: float
    count: int
    likeness: float
    sure: bool = True
    origin: str = "near-synonyms"
    spun: float = 0.0


@dataclass(frozen=True)
class _Choices:
    """What may stand for a word, itself first: by number in the tables, with likeness, cost, and how sure it is that
    spinners put the word for it; one entry a word."""

    words: tuple[str, ...]
    counted: np.ndarray
    expected: np.ndarray
    likeness: np.ndarray
    cost: np.ndarray
    spun: np.ndarray

    def __getitem__(self, part: slice) -> _Choices:
        return _Choices(*(getattr(self, each.name)[part] for each in fields(self)))


class Rewording:
    """The tables together; without `substitutions` nothing is known of synonym spinners."""

    def __init__(
        self,
        collocations: Collocations,
        neighbours: Neighbours,
        continuations: Continuations,
        inflector: Inflector | None = None,
        substitutions: Substitutions | None = None,
    ) -> None:
        self._collocations = collocations
        self._neighbours = neighbours
        self._continuations = continuations
        self._substitutions = substitutions
        self._inflector = inflector or Inflector()
        # The tables number their words each in its own way.
        self._counted = collocations.numbers(neighbours.words)
        self._expected = continuations.numbers(neighbours.words)

    @classmethod
    def load(cls) -> Rewording:
        """With the shipped tables."""
        inflector = Inflector.load(resources.corpus_dir())
        return cls(Collocations.load(), Neighbours.load(), Continuations.load(), inflector, Substitutions.load())

    def share(self, word: str) -> float:
        """Log of the share of a word in reference English."""
        return math.log((self._collocations.count([word]) + 1) / self._collocations.total)

    def strength(self, first: str, second: str) -> float:
        """Nats by which a language model expects the second word more after the first than elsewhere; 0 if little."""
        numbers = self._continuations.numbers
        return float(self._continuations.strengths(numbers([first]), numbers([second]))[0, 0])

    def count(self, first: str, second: str) -> int:
        """How often the two words stand side by side in reference English."""
        return self._collocations.count([first, second])

    def is_rare(self, word: str) -> bool:
        """Whether reference English has the word too seldom to tell by what it is not seen with."""
        return self._collocations.count([word]) < _RARE and word not in self._continuations

    def association(self, first: str, second: str) -> float:
        """How much more the two words attract each other than chance, by counts and model together."""
        return float(self._association(self._alone(first), self._alone(second))[0][0, 0])

    def alternatives(self, words: Sequence[str], most: int, excluded: frozenset[str]) -> list[Alternative]:
        """At most `most` attested wordings near in meaning to two or three words, the most promising first."""
        choices = [self._near(word, excluded) for word in words]
        close = [mine[: _NEAREST + 1] for mine in choices]
        found = self._chains(close, most)
        if len(words) == 2:
            found += self._compounds(close)
        for at, mine in enumerate(choices):
            if len(mine.words) > _NEAREST + 1:
                alone = [each[:1] for each in choices]
                alone[at] = mine
                found += self._chains(alone, most)
        best = {each.wording: each for each in found}
        return sorted(best.values(), key=lambda each: (-each.score, each.wording))[:most]

    def substituted(self, words: Sequence[str], most: int) -> list[Alternative]:
        """At most `most` wordings of what spinners put the words for, attested or not, the most promising first."""
        choices = [{word: 1.0, **dict(islice(self._sure_ones(word), _MOST_SPUN))} for word in words]
        if sum(map(len, choices)) == len(words):
            return []
        attraction = {
            pair: self.association(*pair) for here, after in pairwise(choices) for pair in product(here, after)
        }
        found = []
        for wording in product(*choices):
            changed = [mine[new] for mine, new, word in zip(choices, wording, words, strict=True) if new != word]
            if changed and len(set(wording)) == len(wording):
                score = _SPUN + sum(attraction[pair] for pair in pairwise(wording))
                score += _LIKENESS_WEIGHT * sum(map(math.log, changed))
                likeness, spun = sum(changed) / len(changed), max(changed)
                found.append(Alternative(" ".join(wording), score, 0, likeness, False, "substitutions", spun))
        return sorted(found, key=lambda each: (-each.score, each.wording))[:most]

    def _sure_ones(self, word: str) -> Iterator[tuple[str, float]]:
        return ((meant, sureness) for meant, sureness in self._spun(word).items() if sureness >= _LEAST_SPUN)

    def _spun(self, word: str) -> dict[str, float]:
        return dict(self._substitutions.of(word)) if self._substitutions is not None else {}

    def _alone(self, word: str) -> _Choices:
        numbers = self._collocations.numbers([word]), self._continuations.numbers([word])
        return _Choices((word,), *numbers, np.ones(1), np.zeros(1), np.zeros(1))

    @functools.lru_cache(maxsize=512)  # noqa: B019 - one finder lives as long as the process
    def _near(self, word: str, excluded: frozenset[str]) -> _Choices:
        """Words that may stand for one, the nearest first. Those of an unknown form are those of its base."""
        found, likeness, joint = self._neighbours.wider(word, _NEAREST_ALONE)
        names = [self._neighbours.words[number] for number in found.tolist()]
        counted, expected = self._counted[found], self._expected[found]
        if not names:
            base, tag = next(
                (pair for pair in self._inflector.bases(word) if self._neighbours.of(pair[0])), (word, "VB")
            )
            found, likeness, joint = self._neighbours.wider(base, _NEAREST_ALONE)
            names = [self._inflector.inflect(self._neighbours.words[number], tag) for number in found.tolist()]
            counted, expected = self._collocations.numbers(names), self._continuations.numbers(names)
        spun = self._spun(word)
        if spun:
            # They come first, and count once: what thesauri know as well is the surer for it.
            direct = dict(zip(names, likeness.tolist(), strict=True))
            surer = [1 - (1 - sureness) * (1 - direct.get(name, 0.0)) for name, sureness in spun.items()]
            others = np.array([name not in spun for name in names], bool)
            names = [*spun, *(name for name, keep in zip(names, others.tolist(), strict=True) if keep)]
            likeness, joint = (np.concatenate([surer, each[others]]) for each in (likeness, joint))
            counted = np.concatenate([self._collocations.numbers(list(spun)), counted[others]])
            expected = np.concatenate([self._continuations.numbers(list(spun)), expected[others]])
        usable = np.array([name not in excluded and name != word for name in names], bool)
        likeness = np.where(likeness > 0, likeness, _SECOND * joint)[usable]
        cost = _LIKENESS_WEIGHT * np.log(np.maximum(likeness, _SECOND))
        cost -= _RANK_WEIGHT * np.log(np.arange(1, len(cost) + 1))
        own = self._alone(word)
        kept = [name for name, keep in zip(names, usable.tolist(), strict=True) if keep]
        return _Choices(
            (word, *kept),
            np.concatenate([own.counted, counted[usable]]),
            np.concatenate([own.expected, expected[usable]]),
            np.concatenate([own.likeness, likeness]),
            np.concatenate([own.cost, cost]),
            np.array([0.0, *(spun.get(name, 0.0) for name in kept)]),
        )

    def _association(self, firsts: _Choices, seconds: _Choices) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of (firsts, seconds): how far the two attract each other, whether that is attested, and the counts."""
        counts = self._collocations.pair_counts(firsts.counted, seconds.counted)
        ours, theirs = (self._collocations.word_counts(each.counted) + 1.0 for each in (firsts, seconds))
        expected = np.outer(ours, theirs) / self._collocations.total
        strengths = self._continuations.strengths(firsts.expected, seconds.expected)
        counted = np.log((counts + _UNSEEN) * (counts + _UNSEEN) / (expected + _UNSEEN))
        attested = (counts >= _MIN_COUNT) | (strengths >= MIN_STRENGTH)
        return strengths + counted / 2, attested, counts

    def _chains(self, choices: Sequence[_Choices], most: int) -> list[Alternative]:
        """Wordings of as many words, every pair of which is attested: the best of a beam from left to right."""
        paths, scores = np.arange(len(choices[0].words))[:, None], choices[0].cost
        least, all_known = np.full(len(scores), np.iinfo(np.int64).max), np.ones(len(scores), bool)
        for before, here in pairwise(choices):
            association, attested, counts = self._association(before, here)
            step = np.where(attested, association, -np.inf)
            for kept, beside in ((before.words[0], step[0]), (here.words[0], step[:, 0])):
                if self.is_rare(kept):
                    beside[np.isneginf(beside)] = _BESIDE_RARE
            step += here.cost
            last = paths[:, -1]
            joint = scores[:, None] + step[last]
            flat = joint.ravel()
            most_kept = min(_BEAM, len(flat))
            best = np.argpartition(-flat, most_kept - 1)[:most_kept]
            best = best[np.lexsort((best, -flat[best]))]
            rows, columns = np.divmod(best, joint.shape[1])
            paths = np.concatenate([paths[rows], columns[:, None]], axis=1)
            least = np.minimum(least[rows], counts[last[rows], columns])
            all_known = all_known[rows] & attested[last[rows], columns]
            scores = flat[best]
        found = []
        for path, score, count, known in zip(paths, scores, least, all_known, strict=True):
            changed = [float(mine.likeness[i]) for mine, i in zip(choices, path, strict=True) if i]
            wording = [mine.words[i] for mine, i in zip(choices, path, strict=True)]
            if not math.isfinite(score) or not changed or len(set(wording)) < len(wording):
                continue
            likeness, sure = sum(changed) / len(changed), min(changed) > _SECOND and bool(known)
            spun = max(float(mine.spun[i]) for mine, i in zip(choices, path, strict=True))
            found.append(Alternative(" ".join(wording), float(score), int(count), likeness, sure, spun=spun))
            if len(found) == most:
                break
        return found

    def _compounds(self, choices: Sequence[_Choices]) -> list[Alternative]:
        # Through two steps too much is near to too much: "over" and "all" are one word as well.
        firsts, seconds = (
            {
                word: (likeness, cost)
                for word, likeness, cost in zip(mine.words, mine.likeness.tolist(), mine.cost.tolist(), strict=True)
                if likeness > _SECOND
            }
            for mine in choices
        )
        found = []
        for first, (near, cost) in firsts.items():
            for joined in self._that_begin(first):
                second = joined[len(first) :]
                if second not in seconds:
                    continue
                nearer, dearer = seconds[second]
                count = self._collocations.count([joined])
                changed = [likeness for likeness in (near, nearer) if likeness < 1.0] or [1.0]
                # As if the two words were seen side by side that often.
                expected = math.exp(self.share(first) + self.share(second)) * self._collocations.total
                score = math.log(count / (expected + _UNSEEN)) / 2 + math.log(count) / 2
                score += cost + dearer
                found.append(Alternative(joined, score, count, sum(changed) / len(changed)))
        return found

    @functools.cached_property
    def _usual(self) -> list[str]:
        """The words that may be a compound, in alphabetical order."""
        words = self._collocations.words
        counts = self._collocations.word_counts(np.arange(len(words)))
        return sorted(words[number] for number in np.flatnonzero(counts >= _MIN_COMPOUND_COUNT).tolist())

    def _that_begin(self, prefix: str) -> Iterator[str]:
        words = self._usual
        for at in range(bisect_left(words, prefix), len(words)):
            if not words[at].startswith(prefix):
                return
            yield words[at]
