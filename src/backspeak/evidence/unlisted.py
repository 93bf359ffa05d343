"""Unusual phrases that no table lists: words that English never joins, where near-synonyms are a set phrase.

Three steps, each on what the one before it left over:

1. counts: neighbouring content words, each common, that never stand side by side in reference
   English ("colossal information"), and wordings from near-synonyms that do ("big data"), or that
   are one compound word ("tightrope" for "narrow rope");
2. contrast: the gain of each wording in the sentence, under the language model, and of what the rewriter
   would write in the place;
3. decision: boosted trees over counts, surprise, likeness and gain (`training.unlisted`).

Names, numbers, quotations and words with capitals are never touched.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from safetensors import SafetensorError

from backspeak import resources
from backspeak.data import Evidence, Findings, Proposal
from backspeak.engines.decoder import Decoder
from backspeak.errors import ModelError
from backspeak.evidence import contrast
from backspeak.evidence.offers import probabilities
from backspeak.judge.trees import Trees, logistic
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.inflection import word_set
from backspeak.phrasebank.rendering import article_clashes, with_article
from backspeak.phrasebank.rewording import MIN_STRENGTH, Alternative, Rewording

RULE = "phrase.unlisted"
KIND = "collocation"
DECISION_FILE, TREES_FILE = "decision.json", "trees.safetensors"
FEATURES = (
    "gain", "second_gain", "surprise", "first_surprise", "association", "after", "expected", "strength", "attested",
    "promise", "likeness", "place_words", "no_alternative", "near_gain", "mean_gain", "third_gain", "promised_gain",
    "kept", "spun",
)  # fmt: skip

MAX_SUGGESTIONS = 3
# What goes to the language model. Each costs one reading of the stretch around the place.
MAX_ALTERNATIVES = 7
# And of wordings that no count supports, from what synonym spinners put for other words.
MAX_SUBSTITUTED = 3
_MAX_PLACE_WORDS = 4
# How a likeness and a promise are set off against a gain. The gain alone prefers what is frequent to what is
# meant: ranked by it, three suggestions held the right one in 16% of our phrases, by both in 21%.
_NEAR, _PROMISE, _RANK = 6.0, 0.3, 0.2
# The promise of what the rewriter writes, whose likeness nobody knows. On 100 phrases of the development half it
# lifts the right one among the first three from 24% to 27%; -5 and -12 do the same.
_REWRITTEN = -8.0
# Of the gain of what a spinner may have put another word for, no more counts.
_MOST_GAIN = 8.0
# Characters around a place that the language model reads: a sentence's worth, not a paragraph's.
_BEFORE, _AFTER = 90, 40

_TOKEN = re.compile(r"[^\W_]+(?:['’‑‐-][^\W_]+)*|[^\w\s]")
_PART = re.compile(r"[^‑‐-]+")
_PART_OR_WORD = re.compile(r"[^\s‑‐-]+")
_JOINTS = (" ", "-", "‐", "‑")
_PLAIN = re.compile(r"[a-z]{3,}")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]|‘[^’]*’(?!\w)")
# Closed-class words, numbers in words, and the adverbs and quantities that go with anything.
FUNCTION_WORDS = word_set(
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


class Decision:
    """From FEATURES to the probability of an error: boosted trees, shifted to what clean text may have."""

    def __init__(self, score: Callable[[np.ndarray], np.ndarray], bias: float, version: str = "unfitted") -> None:
        """`score` takes a float32 table (rows, FEATURES) and gives log-odds, `bias` is added to them."""
        self.version = version
        self._score, self._bias = score, bias

    @classmethod
    def load(cls, folder: Path | None = None) -> Decision:
        """Read the shipped decision or one of another folder; ModelError where it does not fit this version."""
        folder = folder or resources.models_dir() / "unlisted"
        path = folder / DECISION_FILE
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if tuple(stored["features"]) != FEATURES:
                raise ValueError("made for other features")
            return cls(Trees(folder / TREES_FILE), float(stored["bias"]), str(stored["version"]))
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: no decision on unlisted phrases ({error}); reinstall backspeak") from error

    def log_odds(self, weighed: Sequence[Weighed]) -> np.ndarray:
        """Float64, one a place."""
        table = np.array([each.features for each in weighed], np.float32).reshape(len(weighed), len(FEATURES))
        return self._score(table) + self._bias

    def probability(self, weighed: Weighed) -> float:
        """That the place is an error."""
        return float(logistic(self.log_odds([weighed]))[0])


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
        return _PLAIN.fullmatch(self.text) is not None and self.text not in FUNCTION_WORDS


class UnlistedPhrases:
    """Finds the places and weighs them. `bank` keeps listed wordings from being suggested."""

    def __init__(
        self,
        rewording: Rewording,
        decision: Decision,
        bank: PhraseBank | None = None,
    ) -> None:
        self._rewording = rewording
        self._decision = decision
        self._bank = bank

    @classmethod
    def load(cls, bank: PhraseBank | None = None) -> UnlistedPhrases:
        """With the shipped tables and decision."""
        return cls(Rewording.load(), Decision.load(), bank)

    def signature(self) -> str:
        """Version of the decision, as `unlisted:...`."""
        return f"unlisted:{self._decision.version}"

    def collect(self, findings: Sequence[Findings], language_model: Decoder) -> list[list[Evidence]]:
        """The evidence of each text, at most one piece a place."""
        return [self.evidence(places) for places in self.weigh(findings, language_model)]

    def evidence(self, weighed: Sequence[Weighed]) -> list[Evidence]:
        """Evidence from weighed places; none where no alternative is likelier than the text."""
        return [evidence for each in weighed if (evidence := self._evidence(each)) is not None]

    def weigh(self, findings: Sequence[Findings], language_model: Decoder) -> list[list[Weighed]]:
        """Every place of each text with the gains of its alternatives.

        Uses the word likelihoods `alone_total` and `kept_least` of the findings, and their proposals of the
        rewriter, where these are known.
        """
        places = [[self._with_rewritten(each, place) for place in self.places(each.segment.text)] for each in findings]
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
        weighed = contrast.weigh(windows, proposals, language_model)
        done = iter(
            self._with_features(each, place, [proposal.gain for proposal in mine])
            for (each, place), mine in zip(jobs, weighed, strict=True)
        )
        return [[next(done) for _ in mine] for mine in places]

    def places(self, text: str) -> list[Place]:
        """Step 1 alone: unattested neighbours for which an attested wording exists; no model is asked."""
        found = []
        for tokens in self._unattested(text):
            start, end = tokens[0].start, tokens[-1].end
            start, alternatives = _with_articles(text, start, self._alternatives(text, tokens))
            found.append(Place(start, end, tuple(token.text for token in tokens), alternatives))
        return found

    def _unattested(self, text: str) -> Iterator[list[_Token]]:
        """Runs of content words with a pair that is unattested, each with the neighbours that it may belong to."""
        for chain in _chains(text):
            at = free = 0
            while at + 1 < len(chain):
                if self._attested(chain[at].text, chain[at + 1].text):
                    at += 1
                    continue
                last = at + 1
                while last + 1 < len(chain) and last - at + 1 < _MAX_PLACE_WORDS:
                    last += 1
                first = max(free, min(at, last + 1 - _MAX_PLACE_WORDS))
                free = last + 1
                yield chain[first : last + 1]
                at = last + 1

    def _attested(self, first: str, second: str) -> bool:
        return self._rewording.count(first, second) > 0 or self._rewording.strength(first, second) >= MIN_STRENGTH

    def _passes(self, first: str, second: str) -> bool:
        """Whether a wording may hold the pair: an attested one, or one of which the counts know too little."""
        return self._attested(first, second) or self._rewording.is_rare(first) or self._rewording.is_rare(second)

    def _alternatives(self, text: str, tokens: list[_Token]) -> tuple[Alternative, ...]:
        """The best attested wordings near in meaning, the most promising first."""
        found = self._rewording.alternatives([token.text for token in tokens], 3 * MAX_ALTERNATIVES, FUNCTION_WORDS)
        joints = [text[one.end : other.start] for one, other in pairwise(tokens)]
        kept: list[Alternative] = []
        for alternative in found:
            alternative = replace(alternative, wording=_joined(alternative.wording, joints))
            if self._leaves_no_flag(text, tokens[0].start, tokens[-1].end, alternative.wording):
                kept.append(alternative)
            if len(kept) == MAX_ALTERNATIVES:
                break
        known = {each.wording for each in kept}
        for alternative in self._rewording.substituted([token.text for token in tokens], MAX_SUBSTITUTED):
            alternative = replace(alternative, wording=_joined(alternative.wording, joints))
            listed = self._lists(text, tokens[0].start, tokens[-1].end, alternative.wording)
            if alternative.wording not in known and not listed:
                kept.append(alternative)
        return tuple(kept)

    def _with_rewritten(self, findings: Findings, place: Place) -> Place:
        """The place with what the rewriter would write in it, behind the attested wordings."""
        text, known = findings.segment.text, {each.wording for each in place.alternatives}
        more = []
        for proposal in findings.proposals:
            if proposal.origin != "rewriting" or not proposal.replacement.strip():
                continue
            if proposal.start < place.start or proposal.end > place.end:
                continue
            wording = text[place.start : proposal.start] + proposal.replacement + text[proposal.end : place.end]
            if wording not in known and self._leaves_no_flag(text, place.start, place.end, wording):
                known.add(wording)
                more.append(Alternative(wording, _REWRITTEN, 0, 0.0, sure=False, origin="rewriting"))
        return replace(place, alternatives=(*place.alternatives, *more))

    def _leaves_no_flag(self, text: str, start: int, end: int, wording: str) -> bool:
        """Whether the changed text has neither an unattested pair nor a listed phrase at the new words."""
        changed = text[:start] + wording + text[end:]
        finish = start + len(wording)
        for chain in _chains(changed):
            for first, second in pairwise(chain):
                touched = first.start < finish and second.end > start
                if touched and not self._passes(first.text, second.text):
                    return False
        return not self._lists(text, start, end, wording)

    def _lists(self, text: str, start: int, end: int, wording: str) -> bool:
        """Whether the phrase bank knows a phrase at the new words."""
        changed = text[:start] + wording + text[end:]
        return self._bank is not None and bool(self._bank.finds_at(changed, start, start + len(wording)))

    def _with_features(self, findings: Findings, place: Place, all_gains: list[float]) -> Weighed:
        """The numbers that decide; all but the last from sure alternatives only, for the others prove nothing."""
        words = place.words
        weighed = [(gain, each) for gain, each in zip(all_gains, place.alternatives, strict=True) if each.sure]
        gains = [gain for gain, _ in weighed]
        best = max(weighed, key=lambda pair: pair[0])[1] if weighed else None
        shares = [self._rewording.share(word) for word in words]
        inside = [
            index
            for index, (start, end) in enumerate(findings.words)
            if start < place.end and end > place.end - len(" ".join(words))
        ]
        alone = findings.likelihood.get("alone_total")
        known = [] if alone is None else [float(alone[index]) for index in inside]
        if len(known) != len(shares) or not all(map(math.isfinite, known)):
            known = shares
        after = inside[-1] + 1 if inside else len(findings.words)
        pairs = list(pairwise(words))
        features = (
            max(gains, default=0.0),
            sorted(gains)[-2] if len(gains) > 1 else 0.0,
            -sum(known[1:]) / (len(known) - 1),
            -known[0],
            (sum(known[1:]) - sum(shares[1:])) / (len(known) - 1),
            self._fit(findings, after),
            min(first + second for first, second in pairwise(shares)) - self._rewording.share(""),
            min(self._rewording.strength(*pair) for pair in pairs),
            math.log(best.count + 1) if best else 0.0,
            max((each.score for _, each in weighed), default=0.0) / len(pairs)
            - sum(self._rewording.association(*pair) for pair in pairs) / len(pairs),
            best.likeness if best else 0.0,
            float(len(words)),
            float(best is None),
            max((gain + _NEAR * math.log(each.likeness) for gain, each in weighed), default=-10.0),
            sum(max(gain, 0.0) for gain in gains) / len(gains) if gains else 0.0,
            sorted(gains)[-3] if len(gains) > 2 else 0.0,
            max((gain + _PROMISE * each.score for gain, each in weighed), default=0.0),
            _least_kept(findings, inside),
            _spun_gain(all_gains, place.alternatives),
        )
        return Weighed(place, tuple(all_gains), features)

    def _fit(self, findings: Findings, index: int) -> float:
        """How much likelier a word is in its place than anywhere, in nats; 0 for what is not known."""
        alone = findings.likelihood.get("alone_total")
        if alone is None or index >= len(findings.words) or not math.isfinite(float(alone[index])):
            return 0.0
        word = findings.segment.text[slice(*findings.words[index])].lower()
        return float(alone[index]) - self._rewording.share(word)

    def _evidence(self, weighed: Weighed) -> Evidence | None:
        """What the reader is shown; None where no alternative is likelier than the text."""
        place = weighed.place
        ranked = sorted(
            (
                (gain, alternative)
                for gain, alternative in zip(weighed.gains, place.alternatives, strict=True)
                if gain > 0
            ),
            key=lambda pair: (-_RANK * pair[0] - pair[1].score, pair[1].wording),
        )[:MAX_SUGGESTIONS]
        if place.alternatives and not ranked:
            return None
        probability = self._decision.probability(weighed)
        shares = probabilities([gain for gain, _ in ranked])
        start, end, wordings = _trimmed(place, [alternative.wording for _, alternative in ranked])
        details = {
            "original": " ".join(place.words)[start - place.end : end - place.end or None].strip(),
            "count": 0,
            "alternatives": [
                {
                    "wording": wording,
                    "origin": alternative.origin,
                    "count": alternative.count,
                    "likeness": round(alternative.likeness, 2),
                    "gain": round(gain, 2),
                    "probability": round(share, 3),
                }
                for (gain, alternative), share, wording in zip(ranked, shares, wordings, strict=True)
            ],
        }
        if ranked:
            details["gain"] = round(ranked[0][0], 2)
        return Evidence(
            KIND, RULE, start, end, "unidiomatic", "minor", tuple(wordings), round(probability, 4), details,
        )  # fmt: skip


def _spun_gain(gains: Sequence[float], alternatives: Sequence[Alternative]) -> float:
    """The most that is gained by what a spinner may have put other words for, times how sure that is, in nats."""
    weighed = [min(gain, _MOST_GAIN) * each.spun for gain, each in zip(gains, alternatives, strict=True)]
    return max(0.0, *weighed) if weighed else 0.0


def _least_kept(findings: Findings, words: Sequence[int]) -> float:
    """How likely the rewriter keeps the word that it would keep least, in nats; NaN without a rewriter."""
    kept = findings.likelihood.get("kept_least")
    known = [] if kept is None else [float(kept[index]) for index in words if math.isfinite(float(kept[index]))]
    return min(known, default=math.nan)


def _chains(text: str) -> Iterator[list[_Token]]:
    """Neighbouring content words with nothing but one space or one hyphen between them."""
    hidden = [match.span() for match in _QUOTED.finditer(text)]
    chain: list[_Token] = []
    for token in _pieces(text):
        usable = token.plain and not any(start <= token.start < end for start, end in hidden)
        if usable and chain and text[chain[-1].end : token.start] in _JOINTS:
            chain.append(token)
            continue
        if len(chain) > 1:
            yield chain
        chain = [token] if usable else []
    if len(chain) > 1:
        yield chain


def _pieces(text: str) -> Iterator[_Token]:
    """The words of a text, hyphenated ones in their parts."""
    for match in _TOKEN.finditer(text):
        for part in _PART.finditer(match.group()):
            yield _Token(match.start() + part.start(), match.start() + part.end(), part.group())


def _joined(wording: str, joints: Sequence[str]) -> str:
    """The wording with the hyphens of the original, if it has as many words."""
    words = wording.split()
    if len(words) != len(joints) + 1:
        return wording
    return words[0] + "".join(joint + word for joint, word in zip(joints, words[1:], strict=True))


def _with_articles(text: str, start: int, alternatives: tuple[Alternative, ...]) -> tuple[int, tuple[Alternative, ...]]:
    """Take an article along that does not fit every alternative."""
    article = re.search(r"\b[Aa]n? $", text[:start])
    if article is None or not any(article_clashes(article.group().strip(), each.wording) for each in alternatives):
        return start, alternatives
    capital = article.group()[0].isupper()
    return article.start(), tuple(replace(each, wording=with_article(each.wording, capital)) for each in alternatives)


def _trimmed(place: Place, wordings: Sequence[str]) -> tuple[int, int, list[str]]:
    """The place without the words at its ends that every wording keeps."""
    start, end = place.start, place.end
    ours, theirs = list(place.words), [_PART_OR_WORD.findall(wording) for wording in wordings]
    if start != end - len(" ".join(ours)):  # an article goes along
        return start, end, list(wordings)
    first = last = 0
    while len(ours) > 1 and theirs and all(len(each) > 1 and each[0] == ours[0] for each in theirs):
        first += len(ours[0]) + 1
        ours, theirs = ours[1:], [each[1:] for each in theirs]
    while len(ours) > 1 and theirs and all(len(each) > 1 and each[-1] == ours[-1] for each in theirs):
        last += len(ours[-1]) + 1
        ours, theirs = ours[:-1], [each[:-1] for each in theirs]
    return start + first, end - last, [wording[first : len(wording) - last] for wording in wordings]


def _window(text: str, place: Place) -> tuple[int, int]:
    """The stretch of the text around a place that the language model reads, cut between words."""
    first, last = max(0, place.start - _BEFORE), min(len(text), place.end + _AFTER)
    if first > 0:
        first = min(text.find(" ", first, place.start) + 1 or place.start, place.start)
    if last < len(text):
        last = max(text.rfind(" ", place.end, last), place.end)
    return first, last
