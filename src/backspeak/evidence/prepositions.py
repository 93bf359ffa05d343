"""Prepositions that their word does not take: "interested for", "accused by", "depends of".

Two steps: counts find a word after which this preposition is hardly ever seen and another one often;
the language model says whether the sentence gains by the other. Which word takes which preposition is
listed nowhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from backspeak.data import Evidence, Findings, Proposal
from backspeak.engines.decoder import Decoder
from backspeak.evidence import contrast
from backspeak.evidence.offers import probabilities
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.inflection import word_set

RULE = "phrase.preposition"
KIND = "preposition"
MAX_SUGGESTIONS = 3

PREPOSITIONS = ("about", "against", "at", "by", "for", "from", "in", "into", "of", "on", "over", "to", "with")
# Of what a word is followed by: this preposition at most, the other at least, and how many times as often.
_MOST, _LEAST, _TIMES = 0.01, 0.02, 12.0
# Anything can be "of" something: after a noun (a word of which this share follows an article) that is no news.
_NOUN = 0.05
# A word that is seen less often than this tells nothing by what it is not seen with.
_MIN_WORD, _MIN_OTHER = 100, 8
# Nats of gain at which a flag is raised: swept on clean English (see models/unlisted/card.md).
GAIN = 4.5

_TOKEN = re.compile(r"[^\W\d_]+(?:['’‑‐-][^\W\d_]+)*|\d+|[^\w\s]")
_SMALL = word_set(
    "the an and or but nor that this these those it its he she they we you his her their our my be is are was were "
    "been being not no as so than then there here up out off down back away over all both each some any many much "
    "more most one two three other such who which what when where how just only also even still very too well do does "
    "did has have had"
) | set(PREPOSITIONS)


@dataclass(frozen=True)
class Place:
    """A preposition at start..end, the word before it, and the prepositions which that word takes."""

    start: int
    end: int
    word: str
    others: tuple[str, ...]


class Prepositions:
    """Finds the places by counts and weighs them."""

    def __init__(self, collocations: Collocations) -> None:
        self._collocations = collocations

    @classmethod
    def load(cls) -> Prepositions:
        """With the shipped counts."""
        return cls(Collocations.load())

    def collect(self, findings: Sequence[Findings], language_model: Decoder) -> list[list[Evidence]]:
        """The evidence of each text: places where another preposition makes it likelier by GAIN nats or more."""
        texts = [each.segment.text for each in findings]
        places = [list(self.places(text)) for text in texts]
        proposals = [
            [Proposal(place.start, place.end, other, "", 0, 0) for place in mine for other in place.others]
            for mine in places
        ]
        weighed = contrast.weigh(texts, proposals, language_model)
        found = []
        for mine, gains in zip(places, weighed, strict=True):
            of = {(one.start, one.replacement): one.gain for one in gains}
            evidence = (_evidence(place, [of[place.start, other] for other in place.others]) for place in mine)
            found.append([each for each in evidence if each is not None])
        return found

    def places(self, text: str) -> Iterator[Place]:
        """Where counts speak for another preposition; no model is asked."""
        tokens = list(_TOKEN.finditer(text))
        for before, at in pairwise(tokens):
            word, preposition = before.group(), at.group()
            if preposition not in PREPOSITIONS or not word.islower() or not word.isalpha() or word in _SMALL:
                continue
            if text[before.end() : at.start()] != " " or not text[at.end() : at.end() + 1].isspace():
                continue
            others = self._others(word, preposition)
            if others:
                yield Place(at.start(), at.end(), word, others)

    def _others(self, word: str, preposition: str) -> tuple[str, ...]:
        seen, here = self._collocations.count([word]), self._collocations.count([word, preposition])
        if seen < _MIN_WORD or here > _MOST * seen:
            return ()
        noun = sum(self._collocations.count([article, word]) for article in ("the", "a", "an")) > _NOUN * seen
        counts = {
            other: self._collocations.count([word, other])
            for other in PREPOSITIONS
            if other != preposition and not (noun and other == "of")
        }
        usual = [
            other
            for other, count in counts.items()
            if count >= max(_MIN_OTHER, _LEAST * seen) and count + 0.5 >= _TIMES * (here + 0.5)
        ]
        return tuple(sorted(usual, key=lambda other: (-counts[other], other))[:MAX_SUGGESTIONS])


def _evidence(place: Place, gains: Sequence[float]) -> Evidence | None:
    better = sorted(
        ((gain, other) for gain, other in zip(gains, place.others, strict=True) if gain > 0),
        key=lambda pair: (-pair[0], pair[1]),
    )
    if not better or better[0][0] < GAIN:
        return None
    confidence = 1.0 / (1.0 + math.exp(GAIN - better[0][0]))
    details = {
        "word": place.word,
        "gain": round(better[0][0], 2),
        "probability": round(probabilities([gain for gain, _ in better])[0], 3),
    }
    return Evidence(
        KIND, RULE, place.start, place.end, "grammar", "minor",
        tuple(other for _, other in better), round(confidence, 4), details,
    )  # fmt: skip
