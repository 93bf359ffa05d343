"""Which other wordings are offered to the reader: those that say the same and break nothing.

A round trip proposes whatever it changed. Much of it is another sentence ("letter" for "smokescreen")
or a shuffle of small words; as evidence that counts, as advice it harms. Offered is what the language
model finds likelier than the original, in which every content word is a form or a near-synonym of one
that it replaces and none of those is lost, with the same names, numbers and negations, of words that English
has, and in which no rule of the phrase bank finds anything. The rewriter has learned to keep the meaning: what
it would write much rather than the original ("filed" for "opened" a lawsuit) need not be a near-synonym.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from backspeak import resources
from backspeak.data import Evidence, Findings, Proposal
from backspeak.engines.decoder import Decoder
from backspeak.evidence import contrast
from backspeak.evidence.words import is_protected, word_offsets
from backspeak.phrasebank import PhraseBank
from backspeak.phrasebank.inflection import Inflector, word_set
from backspeak.phrasebank.neighbours import Neighbours

MIN_LIKENESS = 0.2
# From this kept gain on (nats) the rewriter vouches for a wording. Of those that it proposed for our tuning pairs
# and that are no near-synonyms, 41% led nearer to the natural text from here on, 32% in all.
VOUCHED = 1.0
# Words that begin alike are taken for one family: "guarantor" and "guarantee".
_FAMILY = 5

_PREPOSITIONS = word_set(
    "about above across after against along among around as at before behind below beneath beside between beyond by "
    "during for from in inside into like near of off on onto out outside over past since through throughout till to "
    "toward towards under until up upon with within without"
)
_SMALL = _PREPOSITIONS | word_set(
    "a an the and or but nor so yet if than that this these those there here it its he him his she her hers they them "
    "their we us our you your i me my who whom whose which what when where why how be am is are was were been being "
    "do does did done doing have has had having will would shall should can could may might must also too very just "
    "only even still already then now more most much many some any such all both each every own same other another"
)
_NEGATIONS = word_set("no not never none nobody nothing nowhere neither nor cannot without hardly scarcely barely")
_NUMBERS = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion first "
    "second third fourth fifth half quarter dozen once twice"
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class Offers:
    """Decides by what the shipped tables know of words."""

    def __init__(self, bank: PhraseBank, neighbours: Neighbours, inflector: Inflector) -> None:
        self._bank = bank
        self._neighbours = neighbours
        self._inflector = inflector

    @classmethod
    def load(cls, bank: PhraseBank) -> Offers:
        """With the shipped near-synonyms and forms."""
        return cls(bank, Neighbours.load(), Inflector.load(resources.corpus_dir()))

    def accepts(self, text: str, start: int, end: int, wording: str, *, vouched: bool = False) -> bool:
        """Whether `wording` may be offered for the characters start..end of the text; its gain is not looked at.

        One that is `vouched` for need not consist of forms and near-synonyms.
        """
        changed, finish = text[:start] + wording + text[end:], start + len(wording)
        if not wording.strip() or _names(text, start, end) != _names(changed, start, finish):
            return False
        ours, theirs = _words(text[start:end]), _words(wording)
        if ours == theirs or _signs(ours) != _signs(theirs):
            return False
        if not all(self._is_word(each) for each in theirs if each not in ours):
            return False
        return (vouched or self._says_the_same(ours, theirs)) and not self._bank.finds_at(changed, start, finish)

    def _says_the_same(self, ours: Sequence[str], theirs: Sequence[str]) -> bool:
        lost = [word for word in ours if word not in theirs and word not in _SMALL]
        new = [word for word in theirs if word not in ours and word not in _SMALL]
        if not lost and not new:
            return _is_other_preposition(ours, theirs)
        kept = [word for word in ours if word in theirs and word not in _SMALL]
        return (
            bool(lost)
            and bool(new)
            and all(any(self._related(one, other) for other in [*new, *kept]) for one in lost)
            and all(any(self._related(one, other) for one in [*lost, *kept]) for other in new)
        )

    def category(self, original: str, wording: str) -> str:
        """What is wrong with the original words where an accepted wording is right: other forms or small words are
        a matter of grammar, other words that say the same one of idiom, and any others a mistranslation."""
        if not self._says_the_same(_words(original), _words(wording)):
            return "mistranslation"
        ours, theirs = ([word for word in _words(text) if word not in _SMALL] for text in (original, wording))
        same = all(any(self._same_word(one, other) for other in theirs) for one in ours) and all(
            any(self._same_word(one, other) for one in ours) for other in theirs
        )
        return "grammar" if same else "unidiomatic"

    def _is_word(self, word: str) -> bool:
        """Whether reference English has the word or what it may be a form of, and every part of a joined one."""
        return all(
            part in _SMALL or any(base in self._neighbours for base in self._bases(part))
            for part in re.split("['-]", word)
            if len(part) > 2 and part.isalpha()
        )

    def _same_word(self, one: str, other: str) -> bool:
        if one == other or other in self._inflector.forms(one) or one in self._inflector.forms(other):
            return True
        return not self._bases(one).isdisjoint(self._bases(other))

    def _bases(self, word: str) -> set[str]:
        return {word, *(base for base, _ in self._inflector.bases(word))}

    def _related(self, one: str, other: str) -> bool:
        if one[:_FAMILY] == other[:_FAMILY] and min(len(one), len(other)) >= _FAMILY:
            return True
        return self._same_word(one, other) or any(
            word == second and likeness >= MIN_LIKENESS
            for first, second in ((one, other), (other, one))
            for word, likeness in self._neighbours.of(first)
        )


def weigh_listed(findings: Sequence[Findings], language_model: Decoder) -> None:
    """Rank the wordings that the phrase bank's evidence suggests by their gain, and drop those that have none."""
    proposals = [
        [
            Proposal(evidence.start, evidence.end, wording, "", 0, 0)
            for evidence in each.evidence
            if evidence.kind == "phrase_bank"
            for wording in evidence.suggestions
        ]
        for each in findings
    ]
    texts = [each.segment.text for each in findings]
    weighed = contrast.weigh(texts, proposals, language_model)
    for each, mine in zip(findings, weighed, strict=True):
        gains = {(one.start, one.end, one.replacement): one.gain for one in mine}
        each.evidence = [
            _ranked(one, [gains[one.start, one.end, wording] for wording in one.suggestions])
            if one.kind == "phrase_bank"
            else one
            for one in each.evidence
        ]


def _ranked(evidence: Evidence, gains: Sequence[float]) -> Evidence:
    better = sorted(
        ((gain, wording) for gain, wording in zip(gains, evidence.suggestions, strict=True) if gain > 0),
        key=lambda pair: -pair[0],
    )
    details = dict(evidence.details)
    if better:
        shares = probabilities([gain for gain, _ in better])
        details |= {"gain": round(better[0][0], 2), "probability": round(shares[0], 3)}
    return replace(evidence, suggestions=tuple(wording for _, wording in better), details=details)


def probabilities(gains: Sequence[float]) -> list[float]:
    """How likely each wording is in its place, when the choice is among these and the original; gains in nats."""
    highest = max(0.0, *gains) if gains else 0.0
    mass = math.exp(-highest) + sum(math.exp(gain - highest) for gain in gains)
    return [math.exp(gain - highest) / mass for gain in gains]


def _words(text: str) -> list[str]:
    return [match.group().lower().replace("’", "'") for match in _WORD.finditer(text)]


def _signs(words: Sequence[str]) -> tuple[int, Counter[str]]:
    """What no rewording may change: how often the words deny something, and their numbers."""
    denials = sum(word in _NEGATIONS or word.endswith("n't") or word.startswith("non-") for word in words)
    return denials, Counter(word for word in words if word in _NUMBERS or any(map(str.isdigit, word)))


def _names(text: str, start: int, end: int) -> list[str]:
    """The names and numbers among the characters start..end."""
    words = [(start + a, start + b) for a, b in word_offsets(text[start:end])]
    return sorted(text[a:b] for a, b in words if is_protected(text, a, b))


def _is_other_preposition(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether one preposition gives way to another, falls away or is put in, and nothing else changes."""
    changes = [code for code in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes() if code[0] != "equal"]
    if len(changes) != 1:
        return False
    _, a, b, c, d = changes[0]
    return b - a <= 1 and d - c <= 1 and all(word in _PREPOSITIONS for word in [*ours[a:b], *theirs[c:d]])
