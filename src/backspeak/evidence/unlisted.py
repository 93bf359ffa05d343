"""Unusual phrases that no table lists: words that English never joins, where near-synonyms are a set phrase.

Three steps, each on what the one before it left over:

1. counts: neighbouring content words, each common, that never stand side by side in reference
   English ("colossal information"), and wordings from near-synonyms that do ("big data"), or that
   are one compound word ("tightrope" for "narrow rope");
2. contrast: the gain of each wording in the sentence, under the language model;
3. weights: a logistic model of counts, surprise, likeness and gain (`training.unlisted`).

Names, numbers, quotations and words with capitals are never touched.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.data import Evidence, Findings, Proposal
from backspeak.engines.decoder import Decoder
from backspeak.errors import ModelError
from backspeak.evidence import contrast
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.inflection import word_set
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.phrasebank.rendering import article_clashes, with_article

RULE = "phrase.unlisted"
KIND = "collocation"
WEIGHTS_FILE = "weights.json"
FEATURES = ("gain", "surprise", "association", "expected", "attested", "likeness", "place_words")

MAX_SUGGESTIONS = 3
# What goes to the language model. Each costs one reading of the stretch around the place.
MAX_ALTERNATIVES = 6
_MAX_PLACE_WORDS = 3
# A word that is rare itself is seldom seen beside any other, which says nothing.
_MIN_WORD_COUNT = 8
_MIN_ALTERNATIVE_COUNT, _MIN_COMPOUND_COUNT = 2, 6
_MIN_COSINE = 0.25
# How a likeness and a log count are set off against each other in the order of the alternatives.
_LIKENESS_WEIGHT = 16.0
# Characters around a place that the language model reads: a sentence's worth, not a paragraph's.
_BEFORE, _AFTER = 90, 40

_TOKEN = re.compile(r"[^\W_]+(?:['’‑‐-][^\W_]+)*|[^\w\s]")
_PLAIN = re.compile(r"[a-z]{3,}")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]|‘[^’]*’(?!\w)")
# Closed-class words, numbers in words, and the adverbs and quantities that go with anything.
_FUNCTION_WORDS = word_set(
    "the and but nor for yet that this these those with from into onto over under upon about after again against "
    "before between during near since through till until within without than then there here when where why how who "
    "whom whose which what you she they him her them his its our their your hers ours theirs yours mine one ones not "
    "are was were been being has have had having does did doing done can could may might must shall should will would "
    "also very too only just even still already almost always never ever often soon now once twice more most much many "
    "less least few some any all both each every either neither another other others such same own several enough "
    "quite rather really simply perhaps maybe though although because while whereas unless whether however therefore "
    "per via like unlike among amongst around across along behind below above beyond beside besides despite toward "
    "towards off out down back away two three four five six seven eight nine ten hundred thousand million billion "
    "something anything nothing everything someone anyone everyone nobody anybody everybody himself herself itself "
    "themselves ourselves myself yourself else instead indeed thus hence first last next later let get got gets said "
    "says say told made make makes its yes further "
    "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty "
    "seventy eighty ninety trillion dozen dozens hundreds thousands millions billions half quarter third fourth fifth "
    "sixth seventh eighth ninth tenth zero twice thrice"
)


@dataclass(frozen=True)
class Alternative:
    """Another wording of a place: the least count of its pairs and the mean cosine of the words it changes."""

    wording: str
    count: int
    likeness: float


@dataclass(frozen=True)
class Place:
    """Words at start..end of the text that reference English does not join, with better attested wordings."""

    start: int
    end: int
    words: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Weighed:
    """A place with its gains, one a alternative, and the numbers of its best alternative (see FEATURES)."""

    place: Place
    gains: tuple[float, ...]
    features: tuple[float, ...]


@dataclass(frozen=True)
class Weights:
    """The logistic model: a probability from FEATURES."""

    weights: tuple[float, ...]
    bias: float
    version: str = "unfitted"

    @classmethod
    def load(cls, path: Path | None = None) -> Weights:
        """Read the shipped weights or another file; ModelError where it does not fit this version."""
        path = path or resources.models_dir() / "unlisted" / WEIGHTS_FILE
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if tuple(stored["features"]) != FEATURES:
                raise ValueError("made for other features")
            weights = tuple(float(weight) for weight in stored["weights"])
            return cls(weights, float(stored["bias"]), str(stored["version"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: no weights of unlisted phrases ({error}); reinstall backspeak") from error

    def probability(self, features: Sequence[float]) -> float:
        """That a place with these numbers is an error."""
        score = self.bias + sum(weight * value for weight, value in zip(self.weights, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, score))))


def content_words(text: str) -> list[tuple[int, int]]:
    """(start, end) of the words that may be part of a place."""
    return [match.span() for match in _TOKEN.finditer(text) if _Token(match.start(), match.end(), match.group()).plain]


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    text: str

    @property
    def plain(self) -> bool:
        """Whether the word may be looked at: lower case, no digit, no apostrophe, no function word."""
        return _PLAIN.fullmatch(self.text) is not None and self.text not in _FUNCTION_WORDS


class UnlistedPhrases:
    """Finds the places and weighs them. `bank` keeps listed wordings from being suggested."""

    def __init__(
        self,
        collocations: Collocations,
        neighbours: Neighbours,
        weights: Weights,
        bank: PhraseBank | None = None,
    ) -> None:
        self._collocations = collocations
        self._neighbours = neighbours
        self._weights = weights
        self._bank = bank

    @classmethod
    def load(cls, bank: PhraseBank | None = None) -> UnlistedPhrases:
        """With the shipped counts, neighbours and weights."""
        return cls(Collocations.load(), Neighbours.load(), Weights.load(), bank)

    def signature(self) -> str:
        """Version of the weights, as `unlisted:...`."""
        return f"unlisted:{self._weights.version}"

    def collect(self, findings: Sequence[Findings], language_model: Decoder) -> list[list[Evidence]]:
        """The evidence of each text, at most one piece a place."""
        return [self.evidence(places) for places in self.weigh(findings, language_model)]

    def evidence(self, weighed: Sequence[Weighed]) -> list[Evidence]:
        """Evidence from weighed places; none where no alternative is likelier than the text."""
        return [evidence for each in weighed if (evidence := self._evidence(each)) is not None]

    def weigh(self, findings: Sequence[Findings], language_model: Decoder) -> list[list[Weighed]]:
        """Every place of each text with the gains of its alternatives.

        Uses the word likelihoods `alone_total` of the findings where they are known.
        """
        places = [self.places(each.segment.text) for each in findings]
        jobs = [(each, place) for each, mine in zip(findings, places, strict=True) for place in mine]
        windows, proposals = [], []
        for each, place in jobs:
            first, last = _window(each.segment.text, place)
            windows.append(each.segment.text[first:last])
            proposals.append(
                [
                    Proposal(place.start - first, place.end - first, alternative.wording, "", 0, 0)
                    for alternative in place.alternatives
                ]
            )
        weighed = contrast.weigh(windows, proposals, [None] * len(jobs), language_model, None, "")
        done = iter(
            self._with_features(each, place, [proposal.gain for proposal in mine])
            for (each, place), mine in zip(jobs, weighed, strict=True)
        )
        return [[next(done) for _ in mine] for mine in places]

    def places(self, text: str) -> list[Place]:
        """Step 1 alone: unattested neighbours for which an attested wording exists; no model is asked."""
        found = []
        for tokens in self._unattested(text):
            alternatives = self._alternatives(text, tokens)
            if alternatives:
                start, end = tokens[0].start, tokens[-1].end
                start, alternatives = _with_articles(text, start, alternatives)
                found.append(Place(start, end, tuple(token.text for token in tokens), alternatives))
        return found

    def _unattested(self, text: str) -> Iterator[list[_Token]]:
        """Longest runs of content words, each pair of which is unattested."""
        hidden = [match.span() for match in _QUOTED.finditer(text)]
        run: list[_Token] = []
        previous: _Token | None = None
        for match in _TOKEN.finditer(text):
            token = _Token(match.start(), match.end(), match.group())
            usable = (
                token.plain
                and self._collocations.count([token.text]) >= _MIN_WORD_COUNT
                and not any(start <= token.start < end for start, end in hidden)
            )
            joined = (
                usable
                and previous is not None
                and text[previous.end : token.start] == " "
                and self._collocations.count([previous.text, token.text]) == 0
            )
            if joined and previous is not None:
                run = [*run, token] if run else [previous, token]
                if len(run) == _MAX_PLACE_WORDS:
                    yield run
                    run = []
            elif run:
                yield run
                run = []
            previous = token if usable else None
        if run:
            yield run

    def _alternatives(self, text: str, tokens: list[_Token]) -> tuple[Alternative, ...]:
        """The best attested wordings near in meaning, the most promising first."""
        choices = [self._choices(token.text) for token in tokens]
        found = self._chains(choices)
        if len(tokens) == 2:
            found += self._compounds(choices)
        found.sort(key=lambda pair: (-pair[0], pair[1].wording))
        kept: list[Alternative] = []
        for _, alternative in found[: 4 * MAX_ALTERNATIVES]:
            if self._leaves_no_flag(text, tokens[0].start, tokens[-1].end, alternative.wording):
                kept.append(alternative)
            if len(kept) == MAX_ALTERNATIVES:
                break
        return tuple(kept)

    def _choices(self, word: str) -> list[tuple[str, float]]:
        near = [
            (other, cosine)
            for other, cosine in self._neighbours.of(word)
            if cosine >= _MIN_COSINE and other not in _FUNCTION_WORDS
        ]
        return [(word, 1.0), *near]

    def _chains(self, choices: list[list[tuple[str, float]]]) -> list[tuple[float, Alternative]]:
        """Wordings of as many words, every pair attested, with their scores."""
        total = self._collocations.total
        words = [[word for word, _ in mine] for mine in choices]
        likeness = [np.array([cosine for _, cosine in mine]) for mine in choices]
        frequency = [np.array([self._collocations.count([word]) for word in mine], float) + 1 for mine in words]
        counts = [self._collocations.pair_counts(*pair) for pair in pairwise(words)]
        scores = []
        for i, pairs in enumerate(counts):
            association = np.log(pairs + 0.1) + math.log(total) - np.log(np.outer(frequency[i], frequency[i + 1]))
            scores.append(np.where(pairs >= _MIN_ALTERNATIVE_COUNT, np.log(pairs + 0.1) + association, -np.inf))
        changed = [_LIKENESS_WEIGHT * (mine - 1.0) for mine in likeness]
        if len(choices) == 2:
            joint = scores[0] + changed[0][:, None] + changed[1][None, :]
        else:
            joint = (
                scores[0][:, :, None]
                + scores[1][None, :, :]
                + changed[0][:, None, None]
                + changed[1][None, :, None]
                + changed[2][None, None, :]
            )
        flat = joint.ravel()
        most = min(len(flat), 4 * MAX_ALTERNATIVES)
        found = []
        for place in np.argpartition(-flat, most - 1)[:most]:
            if not math.isfinite(flat[place]):
                continue
            index = np.unravel_index(place, joint.shape)
            wording = " ".join(mine[i] for mine, i in zip(words, index, strict=True))
            least = min(int(pairs[index[i], index[i + 1]]) for i, pairs in enumerate(counts))
            cosines = [float(mine[i]) for mine, i in zip(likeness, index, strict=True) if i]
            found.append((float(flat[place]), Alternative(wording, least, sum(cosines) / len(cosines))))
        return found

    def _compounds(self, choices: list[list[tuple[str, float]]]) -> list[tuple[float, Alternative]]:
        """Two words written as one."""
        found = []
        for first, near in choices[0]:
            for second, nearer in choices[1]:
                count = self._collocations.count([first + second])
                if count < _MIN_COMPOUND_COUNT:
                    continue
                cosines = [cosine for cosine in (near, nearer) if cosine < 1.0] or [1.0]
                # As if the two words were seen side by side that often.
                parts = (self._collocations.count([first]) + 1) * (self._collocations.count([second]) + 1)
                score = 2 * math.log(count) + math.log(self._collocations.total) - math.log(parts)
                score += _LIKENESS_WEIGHT * (near + nearer - 2.0)
                found.append((score, Alternative(first + second, count, sum(cosines) / len(cosines))))
        return found

    def _leaves_no_flag(self, text: str, start: int, end: int, wording: str) -> bool:
        """Whether the changed text has neither an unattested pair nor a listed phrase at the new words."""
        changed = text[:start] + wording + text[end:]
        finish = start + len(wording)
        if any(run[0].start < finish and run[-1].end > start for run in self._unattested(changed)):
            return False
        return self._bank is None or not any(
            match.start < finish and match.end > start for match in self._bank.find(changed)
        )

    def _with_features(self, findings: Findings, place: Place, gains: list[float]) -> Weighed:
        best = max(range(len(gains)), key=gains.__getitem__)
        alternative = place.alternatives[best]
        total = self._collocations.total
        shares = [math.log((self._collocations.count([word]) + 1) / total) for word in place.words]
        alone = findings.likelihood.get("alone_total")
        inside = [
            index
            for index, (start, end) in enumerate(findings.words)
            if start < place.end and end > place.end - len(" ".join(place.words))
        ]
        known = [] if alone is None else [float(alone[index]) for index in inside]
        if len(known) == len(shares) and all(math.isfinite(each) for each in known):
            surprise = -sum(known[1:]) / (len(known) - 1)
            association = (sum(known[1:]) - sum(shares[1:])) / (len(known) - 1)
        else:
            surprise, association = -sum(shares[1:]) / (len(shares) - 1), 0.0
        features = (
            gains[best],
            surprise,
            association,
            min(first + second for first, second in pairwise(shares)) + math.log(total),
            math.log(alternative.count + 1),
            alternative.likeness,
            float(len(place.words)),
        )
        return Weighed(place, tuple(gains), features)

    def _evidence(self, weighed: Weighed) -> Evidence | None:
        """What the reader is shown; None where no alternative is likelier than the text."""
        place = weighed.place
        ranked = sorted(
            (
                (gain, alternative)
                for gain, alternative in zip(weighed.gains, place.alternatives, strict=True)
                if gain > 0
            ),
            key=lambda pair: (-pair[0], pair[1].wording),
        )[:MAX_SUGGESTIONS]
        if not ranked:
            return None
        probability = self._weights.probability(weighed.features)
        highest = max(weighed.gains)
        mass = math.exp(-highest) + sum(math.exp(gain - highest) for gain in weighed.gains)
        details = {
            "original": " ".join(place.words),
            "count": 0,
            "gain": round(ranked[0][0], 2),
            "alternatives": [
                {
                    "wording": alternative.wording,
                    "origin": "near-synonyms",
                    "count": alternative.count,
                    "likeness": round(alternative.likeness, 2),
                    "gain": round(gain, 2),
                    "probability": round(math.exp(gain - highest) / mass, 3),
                }
                for gain, alternative in ranked
            ],
        }
        return Evidence(
            KIND, RULE, place.start, place.end, "unidiomatic", "minor",
            tuple(alternative.wording for _, alternative in ranked), round(probability, 4), details,
        )  # fmt: skip


def _with_articles(text: str, start: int, alternatives: tuple[Alternative, ...]) -> tuple[int, tuple[Alternative, ...]]:
    """Take an article along that does not fit every alternative."""
    article = re.search(r"\b[Aa]n? $", text[:start])
    if article is None or not any(article_clashes(article.group().strip(), each.wording) for each in alternatives):
        return start, alternatives
    capital = article.group()[0].isupper()
    return article.start(), tuple(
        Alternative(with_article(each.wording, capital), each.count, each.likeness) for each in alternatives
    )


def _window(text: str, place: Place) -> tuple[int, int]:
    """The stretch of the text around a place that the language model reads, cut between words."""
    first, last = max(0, place.start - _BEFORE), min(len(text), place.end + _AFTER)
    if first > 0:
        first = min(text.find(" ", first, place.start) + 1 or place.start, place.start)
    if last < len(text):
        last = max(text.rfind(" ", place.end, last), place.end)
    return first, last
