"""Clean English damaged the way machine translation and synonym spinners damage it, with the places known.

Near-synonyms for the words of fixed phrases (the mechanism of tortured phrases: Cabanac, Labbé and
Magazinov 2021, arXiv:2107.06751), wrong prepositions and articles, swapped and lost words, coined
negations, re-transliterated names, wrong forms. A synonym is taken only where the neighbouring
words never stand beside it in the clean text, so that most replacements are really wrong.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from backspeak.evidence.words import word_offsets
from backspeak.phrasebank.inflection import word_set
from backspeak.training.thesauri import synsets

Kind = Literal["any", "synonyms", "collocations"]

PREPOSITIONS = (
    "in", "on", "at", "of", "for", "with", "by", "to", "from", "about", "over", "under", "into", "against", "through",
    "between", "among", "before", "after", "during",
)  # fmt: skip
# Letters that transliteration from other scripts and spellings confuses.
_SPELLINGS = (
    ("c", "k"), ("k", "c"), ("y", "i"), ("i", "y"), ("ph", "f"), ("th", "t"), ("h", "kh"), ("w", "v"),
    ("ch", "tch"), ("oo", "u"), ("ou", "u"), ("ee", "i"), ("ll", "l"), ("ss", "s"), ("x", "ks"), ("j", "dzh"),
    ("sh", "ch"), ("q", "k"), ("e", "ie"), ("a", "ia"),
)  # fmt: skip
_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", "e"), ("ed", ""), ("ing", ""), ("ing", "e"),
)  # fmt: skip
# Verbs that stand with a noun by custom: base, third person, past, participle, -ing.
_VERBS = {
    forms.split()[0]: tuple(forms.split())
    for forms in (
        "make makes made made making", "do does did done doing", "take takes took taken taking",
        "give gives gave given giving", "have has had had having", "hold holds held held holding",
        "put puts put put putting", "get gets got got getting", "carry carries carried carried carrying",
        "lead leads led led leading", "perform performs performed performed performing",
        "realise realises realised realised realising", "conduct conducts conducted conducted conducting",
        "bring brings brought brought bringing", "set sets set set setting", "open opens opened opened opening",
        "pay pays paid paid paying", "keep keeps kept kept keeping", "draw draws drew drawn drawing",
        "raise raises raised raised raising", "lay lays laid laid laying", "throw throws threw thrown throwing",
        "pass passes passed passed passing", "receive receives received received receiving",
        "accept accepts accepted accepted accepting", "enter enters entered entered entering",
        "launch launches launched launched launching", "reach reaches reached reached reaching",
        "commit commits committed committed committing", "play plays played played playing",
        "show shows showed shown showing", "find finds found found finding", "win wins won won winning",
        "express expresses expressed expressed expressing", "suffer suffers suffered suffered suffering",
    )
}  # fmt: skip
_VERB_FORMS = {form: (verb, number) for verb, forms in _VERBS.items() for number, form in enumerate(forms)}
_DEGREES = (
    "big", "large", "great", "high", "strong", "heavy", "hard", "deep", "wide", "severe", "serious", "major", "fast",
    "quick", "rapid", "long", "full", "close", "main", "powerful", "intense", "sharp", "low", "weak", "small",
)  # fmt: skip
_DETERMINERS = word_set("a an the his her its their our my your some any no this that these those")
_BEGIN, _END = "<s>", "</s>"
_ATTEMPTS = 12


@dataclass(frozen=True)
class Corrupted:
    """A damaged text: `bad` are offsets of the wrong words, `gap` of words with something lost before them."""

    text: str
    bad: tuple[tuple[int, int], ...]
    gap: tuple[tuple[int, int], ...]


def wordnet_synonyms(folder: Path) -> dict[tuple[str, str], set[str]]:
    """(part of speech, word) to the other words of its synsets, from the data files of WordNet 3."""
    synonyms: dict[tuple[str, str], set[str]] = defaultdict(set)
    for part in ("noun", "verb", "adj"):
        for _, synset in synsets(folder / f"data.{part}"):
            words = [word for word in synset if re.fullmatch("[a-z]{3,}", word)]
            for word in words:
                synonyms[part, word] |= set(words) - {word}
    return dict(synonyms)


class Corrupter:
    """Damages sentences; the same seed and texts give the same damage."""

    def __init__(self, clean: Iterable[str], synonyms: Mapping[tuple[str, str], set[str]], seed: int) -> None:
        self._synonyms = synonyms
        self._random = random.Random(seed)
        self._words: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._objects: Counter[tuple[str, str]] = Counter()
        for text in clean:
            words = [_BEGIN, *(text[a:b].lower() for a, b in word_offsets(text))]
            self._words.update(words)
            self._pairs.update(pairwise(words))
            for at, word in enumerate(words):
                if word in _VERB_FORMS and (noun := _object(words, at)) is not None:
                    self._objects[word, noun] += 1
        self._rare = sorted(w for w, n in self._words.items() if 20 < n < 400 and w.isalpha() and len(w) > 4)

    def corrupt(self, text: str, kind: Kind = "any") -> Corrupted | None:
        """One to three damages, or None where none could be done.

        `kind` "synonyms" puts nothing but those; "collocations" changes the verb of a verb and its noun ("make a
        decision") and the adjective of degree ("heavy rain"), as a word-by-word translation does.
        """
        offsets = word_offsets(text)
        words = [text[a:b] for a, b in offsets]
        places = [i for i, word in enumerate(words) if word.isalpha()]
        if len(places) < 4:
            return None
        draft = _Draft(text, offsets, words)
        for _ in range(self._random.choice((1, 1, 1, 2, 2, 3))):
            number = 0.0 if kind == "synonyms" else self._random.random()
            for _ in range(_ATTEMPTS if kind != "collocations" else 4 * _ATTEMPTS):
                at = self._random.choice(places)
                if self._swap_collocate(draft, at) if kind == "collocations" else self._damage(draft, at, number):
                    break
        return draft.finished()

    def _damage(self, draft: _Draft, at: int, kind: float) -> bool:
        word = draft.words[at]
        before, _ = draft.beside(at)
        if draft.bad[at]:
            return False
        if kind < 0.50:
            return self._swap_synonym(draft, at)
        if kind < 0.65:
            return self._swap_preposition(draft, at, word.lower(), before)
        if kind < 0.70:
            return self._damage_article(draft, at, word.lower())
        if kind < 0.75:
            return self._swap_neighbours(draft, at)
        if kind < 0.80:
            if not word.islower() or len(word) < 5:
                return False
            coined = not word.endswith(("ed", "ly")) and self._random.random() < 0.6
            return draft.replace(
                at, "non-" + word if coined else word + "ness" if word.endswith("ive") else "un" + word
            )
        if kind < 0.87:
            return self._respell(draft, at, word)
        if kind < 0.92:
            form = _other_form(word)
            if not word.islower() or self._pairs[before, form] or not self._words[form]:
                return False
            return draft.replace(at, form)
        if kind < 0.96:
            return word.islower() and draft.drop(at, mark_gap=True)
        return (
            bool(self._rare)
            and word.islower()
            and len(word) >= 5
            and draft.replace(at, self._random.choice(self._rare))
        )

    def _swap_synonym(self, draft: _Draft, at: int) -> bool:
        word = draft.words[at]
        if word[0].isupper() and at > 0:
            return False
        new = self._synonym(word, *draft.beside(at))
        if new is None:
            return False
        draft.replace(at, new)
        # A fixed phrase loses both its words.
        if self._random.random() < 0.6 and at + 1 < len(draft.words) and draft.words[at + 1].islower():
            second = self._synonym(draft.words[at + 1], *draft.beside(at + 1))
            if second is not None:
                draft.replace(at + 1, second)
        return True

    def _synonym(self, word: str, before: str, after: str) -> str | None:
        lower = word.lower()
        if not lower.isalpha() or len(lower) < 4:
            return None
        candidates = {
            _inflected(lower, base, synonym)
            for base in _bases(lower)
            for part in ("noun", "verb", "adj")
            for synonym in self._synonyms.get((part, base), ())
        }
        fitting = sorted(
            new
            for new in candidates
            if new != lower
            and self._words[new] < 3 * self._words[lower] + 20
            and not self._pairs[before, new]
            and not self._pairs[new, after]
        )
        if not fitting:
            return None
        new = self._random.choices(fitting, [(self._words[each] + 0.3) ** 0.5 for each in fitting])[0]
        return new.capitalize() if word[0].isupper() else new

    def _swap_collocate(self, draft: _Draft, at: int) -> bool:
        word = draft.words[at]
        if draft.bad[at] or not word.islower():
            return False
        _, after = draft.beside(at)
        if word in _DEGREES:
            fitting = [
                each for each in _DEGREES if each != word and not self._pairs[each, after] and self._words[after] > 3
            ]
            return bool(fitting) and after.isalpha() and draft.replace(at, self._random.choice(fitting))
        if word not in _VERB_FORMS:
            return False
        verb, form = _VERB_FORMS[word]
        noun = _object(draft.words, at)
        # A verb that takes its noun by custom, not an auxiliary before a participle.
        if noun is None or self._determined(noun) < (10 if verb in ("do", "have") else 3):
            return False
        if sum(self._objects[each, noun] for each in _VERBS[verb]) < 2:
            return False
        fitting = [
            forms[form]
            for other, forms in _VERBS.items()
            if other != verb and not any(self._objects[each, noun] for each in forms)
        ]
        return bool(fitting) and draft.replace(at, self._random.choice(fitting))

    def _determined(self, noun: str) -> int:
        return sum(self._pairs[each, noun] for each in ("a", "an", "the"))

    def _swap_preposition(self, draft: _Draft, at: int, word: str, before: str) -> bool:
        if word not in PREPOSITIONS:
            return False
        usual = self._pairs[before, word] + 1
        unusual = [each for each in PREPOSITIONS if each != word and self._pairs[before, each] * 20 < usual]
        return bool(unusual) and draft.replace(at, self._random.choice(unusual))

    def _damage_article(self, draft: _Draft, at: int, word: str) -> bool:
        if word not in ("a", "an", "the"):
            return False
        if self._random.random() < 0.5:
            return draft.replace(at, self._random.choice([each for each in ("a", "the") if each != word]))
        return draft.drop(at, mark_gap=False)

    def _swap_neighbours(self, draft: _Draft, at: int) -> bool:
        if at + 1 >= len(draft.words):
            return False
        first, second = draft.words[at], draft.words[at + 1]
        if not (first.islower() and second.islower() and second.isalpha()) or self._pairs[second, first]:
            return False
        draft.replace(at, second)
        return draft.replace(at + 1, first)

    def _respell(self, draft: _Draft, at: int, word: str) -> bool:
        if not (word[0].isupper() and at > 0 and len(word) > 4):
            return False
        for old, new in self._random.sample(_SPELLINGS, len(_SPELLINGS)):
            if old in word[1:]:
                spelled = word[0] + word[1:].replace(old, new, 1)
                return not self._words[spelled.lower()] and draft.replace(at, spelled)
        return False


def _object(words: Sequence[str], at: int) -> str | None:
    """The word that a verb probably has for its object: the first after it, or after a determiner and one word."""
    after = [word.lower() for word in words[at + 1 : at + 4]]
    if after and after[0] in _DETERMINERS:
        after = after[1:]
    if len(after) > 1 and after[1].isalpha() and len(after[1]) > 3 and after[1] not in PREPOSITIONS:
        return after[1] if after[0].isalpha() and len(after[0]) > 3 else None
    return after[0] if after and after[0].isalpha() and len(after[0]) > 3 and after[0] not in PREPOSITIONS else None


class _Draft:
    """A text under damage, word by word."""

    def __init__(self, text: str, offsets: list[tuple[int, int]], words: list[str]) -> None:
        self._text, self._offsets, self.words = text, offsets, words
        self._new: list[str | None] = list(words)
        self.bad = [False] * len(words)
        self._gap = [False] * len(words)

    def beside(self, at: int) -> tuple[str, str]:
        """The neighbours of a word, in lower case."""
        before = self.words[at - 1].lower() if at else _BEGIN
        after = self.words[at + 1].lower() if at + 1 < len(self.words) else _END
        return before, after

    def replace(self, at: int, word: str) -> bool:
        self._new[at], self.bad[at] = word, True
        return True

    def drop(self, at: int, *, mark_gap: bool) -> bool:
        """Lose a word; the next one carries the mark."""
        if at + 1 >= len(self.words):
            return False
        self._new[at] = None
        (self._gap if mark_gap else self.bad)[at + 1] = True
        return True

    def finished(self) -> Corrupted | None:
        parts: list[str] = []
        places: list[tuple[int, tuple[int, int]]] = []
        at = last = 0
        for index, (start, end) in enumerate(self._offsets):
            between, last = self._text[last:start], end
            word = self._new[index]
            if word is None:
                continue
            if not parts:
                between = between.lstrip()
            parts += [between, word]
            at += len(between)
            places.append((index, (at, at + len(word))))
            at += len(word)
        bad = tuple(place for index, place in places if self.bad[index])
        gap = tuple(place for index, place in places if self._gap[index])
        return Corrupted("".join(parts), bad, gap) if bad or gap else None


def _bases(word: str) -> Iterator[str]:
    yield word
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            yield word[: -len(ending)] + instead


def _inflected(word: str, base: str, new: str) -> str:
    """`new` in the form that `word` has of `base`, by the regular rules."""
    if word == base:
        return new
    if word.endswith("ing"):
        return new.removesuffix("e") + "ing"
    if word.endswith("ed"):
        return new + ("d" if new.endswith("e") else "ed")
    if new.endswith("y") and new[-2] not in "aeiou":
        return new[:-1] + "ies"
    return new + ("es" if new.endswith(("s", "x", "ch", "sh")) else "s")


def _other_form(word: str) -> str:
    for ending, least in (("s", 4), ("ed", 0), ("ing", 0)):
        if word.endswith(ending) and len(word) > least:
            return word[: -len(ending)]
    return word + "s"
