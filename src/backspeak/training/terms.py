"""Set phrases of technical English, spoilt as synonym spinners spoil them: pairs for the rewriter to learn from.

A set phrase is two or three content words that free documentation and dictionaries join far more often
than chance. One or all of its words give way to near-synonyms, or to near-synonyms of those, that are
never seen side by side ("bolster vector machine"; Cabanac, Labbé and Magazinov 2021, arXiv:2107.06751);
a compound word is taken apart and its parts replaced ("information base" for "database").
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

from backspeak.errors import InputError
from backspeak.evidence.unlisted import FUNCTION_WORDS
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.continuations import Continuations
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.phrasebank.rendering import article_clashes, with_article
from backspeak.training.collocations import prose
from backspeak.training.examples import part_of
from backspeak.training.thesauri import synsets

# Of a pair that says little, one in ten is a term; above this, two in three (a look at a hundred of each).
_LEAST_ATTRACTION = 3.5  # nats
_LEAST_COUNT, _LEAST_WORD_COUNT = 6, 60
_SHORTEST, _LONGEST = 7, 32  # words of a sentence
# Of the base's own pairs below this strength half are no phrase (60 of each looked at).
_LEAST_STRENGTH, _LEAST_EXPECTED_COUNT = 4.0, 150
_SECOND_STEP = 0.25  # how often a near-synonym is one of a near-synonym
_COMPOUND = 0.5  # how often a compound word is taken apart, where it can be
_ATTEMPTS = 12
_SENTENCE_END = re.compile(r"(?<=[a-z)][.!?])\s+(?=[A-Z])")
_PLAIN = re.compile(r"[A-Z][\w ,;:()'’/-]+[.!?]")
_WORD = re.compile(r"[a-z]{3,}")
_PHRASE = re.compile(r"[a-z]{3,}(?:_[a-z]{3,}){1,2}")
_CARRIERS = (
    "This chapter deals with {}.",
    "We begin with a few words on {}.",
    "Interest in {} has grown since then.",
    "The paper presents a new view of {}.",
    "They were among the first to study {}.",
    "Our own work on {} started much later.",
    "What is known about {} fills many books.",
    "Few subjects are as lively as {} today.",
    "The second part of the course is about {}.",
    "She wrote her thesis on {} and taught it for years.",
    "The results for {} are shown in the last column.",
    "Much has been said about {}, and little about {}.",
    "It compares {} with {}.",
    "Questions of {} are left for another day.",
    "Without {} none of this would have been possible.",
    "The role of {} is still under debate.",
    "Both {} and {} belong to this field.",
    "The method is based on {}.",
    "Recent advances in {} made the difference.",
    "An overview of {} is given by the same authors.",
    "He is an expert in {}.",
    "The main problem with {} is its cost.",
    "As for {}, the picture is less clear.",
    "The effect of {} was measured twice.",
)


@dataclass(frozen=True)
class TermRecipe:
    """How many pairs of which kind, and the folders that are read (see `training.collocations`)."""

    sources: tuple[str, ...] = ()
    spoilt_terms: int = 5_000  # in carrier sentences of ours
    kept_terms: int = 2_000
    spoilt_sentences: int = 3_500  # of the sources themselves
    kept_sentences: int = 1_200
    seed: int = 20261123


def pairs(recipe: TermRecipe, sources: Path, wordnet: Path) -> list[tuple[str, str]]:
    """(text, rewritten) of every kind, from terms and sentences that hash into the training part."""
    generator = random.Random(recipe.seed)
    texts = sorted({text for paragraph in prose(sources, recipe.sources) for text in sentences(paragraph)})
    grammar = Grammar.read(wordnet)
    joined = {term: count for term, count in attracted(texts).items() if grammar.is_phrase(term)}
    collocations, neighbours = Collocations.load(), Neighbours.load()
    spoiler = Spoiler(collocations, neighbours, joined, generator)

    def usable(term: tuple[str, ...]) -> bool:
        return part_of(" ".join(term)) == "train" and all(
            word not in FUNCTION_WORDS and collocations.count([word]) >= _LEAST_WORD_COUNT and neighbours.of(word)
            for word in term
        )

    attested = [term for term in sorted(joined) if usable(term)]
    others = (grammar.phrases, expected(Continuations.load(), collocations, grammar))
    kinds = [attested, *([term for term in sorted(kind) if usable(term)] for kind in others)]
    kinds = [kind for kind in kinds if kind]
    if not kinds:
        raise InputError("no set phrases of two or three words", str(sources))
    tries = (_carried(kinds, generator, spoiler) for _ in range(_ATTEMPTS * recipe.spoilt_terms))
    made = list(islice((pair for pair in tries if pair is not None), recipe.spoilt_terms))
    plain = (_carried(kinds, generator, None) for _ in range(recipe.kept_terms))
    made += [pair for pair in plain if pair is not None]
    generator.shuffle(texts)
    training = [text for text in texts if part_of(text) == "train"]
    made += [(text, text) for text in training[: recipe.kept_sentences]]
    known, wanted = set(attested), len(made) + recipe.spoilt_sentences
    for text in training[recipe.kept_sentences :]:
        if len(made) == wanted:
            break
        changed = _spoilt_sentence(text, known, generator, spoiler)
        if changed is not None:
            made.append((changed, text))
    return made


@dataclass(frozen=True)
class Grammar:
    """What WordNet knows of words: how many meanings as which part of speech, and its phrases of two or three."""

    senses: Mapping[str, Counter[str]]
    phrases: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, folder: Path) -> Grammar:
        """From the data files of WordNet 3 in `folder`."""
        senses: dict[str, Counter[str]] = defaultdict(Counter)
        for part in ("noun", "verb", "adj", "adv"):
            for _, words in synsets(folder / f"data.{part}"):
                for word in words:
                    senses[word][part] += 1
        phrases = {word for word, parts in senses.items() if parts["noun"] and _PHRASE.fullmatch(word)}
        return cls(senses, tuple(sorted(tuple(phrase.split("_")) for phrase in phrases)))

    def is_noun(self, word: str) -> bool:
        """Whether a word, or what it is the plural of, is a noun first."""
        parts = self.senses.get(word) or self.senses.get(word.removesuffix("s")) or Counter[str]()
        return parts["noun"] > 0 and parts["noun"] >= max(parts["verb"], parts["adj"])

    def is_phrase(self, words: Sequence[str]) -> bool:
        """Whether the words could be adjectives and nouns before a noun."""
        return self.is_noun(words[-1]) and all(self.is_noun(word) or self.senses[word]["adj"] for word in words[:-1])


def expected(continuations: Continuations, collocations: Collocations, grammar: Grammar) -> Iterator[tuple[str, str]]:
    """Pairs that the embedded base expects much more than chance, an adjective or a noun before a noun."""
    for first in continuations.words:
        if collocations.count([first]) < _LEAST_EXPECTED_COUNT:
            continue
        for second, strength in continuations.of(first):
            if (
                strength >= _LEAST_STRENGTH
                and second != first
                and collocations.count([second]) >= 2 * _LEAST_EXPECTED_COUNT
                and grammar.is_phrase((first, second))
            ):
                yield first, second


def sentences(paragraph: str) -> Iterator[str]:
    """The plain sentences of a paragraph: no code, no list, neither short nor long."""
    for text in _SENTENCE_END.split(" ".join(paragraph.split())):
        if _PLAIN.fullmatch(text) and _SHORTEST <= len(text.split()) <= _LONGEST:
            yield text


def attracted(texts: Iterable[str]) -> Mapping[tuple[str, ...], int]:
    """Two or three neighbouring content words that attract each other, with their count."""
    words: Counter[str] = Counter()
    joined: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        run: list[str] = []
        for word in text.split(" "):
            plain = word.rstrip(".,;:!?")
            if not _WORD.fullmatch(plain) or plain in FUNCTION_WORDS:
                run = []
                continue
            words[plain] += 1
            run.append(plain)
            joined.update(tuple(run[-length:]) for length in (2, 3) if len(run) >= length)
            if plain != word:
                run = []
    total = sum(words.values())

    def attraction(first: str, second: str) -> float:
        return math.log(joined[first, second] * total / (words[first] * words[second]))

    return {
        term: count
        for term, count in joined.items()
        if count >= _LEAST_COUNT
        and len(set(term)) == len(term)
        and all(joined[pair] >= _LEAST_COUNT and attraction(*pair) >= _LEAST_ATTRACTION for pair in pairwise(term))
    }


@dataclass
class Spoiler:
    """Puts near-synonyms for the words of a term so that no two of them are known to stand side by side."""

    collocations: Collocations
    neighbours: Neighbours
    known: Mapping[tuple[str, ...], int]
    generator: random.Random
    _compounds: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def spoil(self, term: Sequence[str]) -> tuple[str, ...] | None:
        """The term with one or more words replaced; None where none of a dozen tries makes it unknown."""
        for _ in range(_ATTEMPTS):
            changes = [self.generator.random() < 0.65 for _ in term]
            if not any(changes):
                continue
            made: list[str] = []
            for word, change in zip(term, changes, strict=True):
                others = self._others(word) if change else (word,)
                if others is None:
                    break
                made += others
            else:
                if all(self._unknown(*pair) for pair in pairwise(made) if pair not in set(pairwise(term))):
                    return tuple(made)
        return None

    def _unknown(self, first: str, second: str) -> bool:
        return not self.collocations.count([first, second]) and (first, second) not in self.known

    def _others(self, word: str) -> tuple[str, ...] | None:
        parts = self._parts(word)
        if parts is not None and self.generator.random() < _COMPOUND:
            made = [self._other(part) for part in parts]
            return None if None in made else tuple(each for each in made if each is not None)
        other = self._other(word)
        return None if other is None else (other,)

    def _other(self, word: str) -> str | None:
        near = self.neighbours.of(word)
        if near and self.generator.random() < _SECOND_STEP:
            through = self.generator.choices([each for each, _ in near], [sure for _, sure in near])[0]
            near = self.neighbours.of(through)
        near = [(other, sure) for other, sure in near if other != word and other not in FUNCTION_WORDS]
        if not near:
            return None
        return self.generator.choices([other for other, _ in near], [sure for _, sure in near])[0]

    def _parts(self, word: str) -> tuple[str, str] | None:
        if word not in self._compounds:
            splits = ((word[:at], word[at:]) for at in range(3, len(word) - 2))
            usual = [
                split
                for split in splits
                if all(self.collocations.count([part]) >= 20 * _LEAST_WORD_COUNT for part in split)
                and all(self.neighbours.of(part) for part in split)
            ]
            self._compounds[word] = usual[0] if len(usual) == 1 else None
        return self._compounds[word]


def _carried(
    kinds: Sequence[Sequence[tuple[str, ...]]], generator: random.Random, spoiler: Spoiler | None
) -> tuple[str, str] | None:
    """A carrier with a term of any kind, spoilt or not, and the same with the term as it should be."""
    carrier = generator.choice(_CARRIERS)
    right = [generator.choice(generator.choice(kinds)) for _ in range(carrier.count("{}"))]
    given = list(right)
    if spoiler is not None:
        at = generator.randrange(len(right))
        made = spoiler.spoil(right[at])
        if made is None:
            return None
        given[at] = made
    return carrier.format(*map(" ".join, given)), carrier.format(*map(" ".join, right))


def _spoilt_sentence(text: str, known: set[tuple[str, ...]], generator: random.Random, spoiler: Spoiler) -> str | None:
    """The sentence with one of its terms spoilt, its article made to fit; None where it has none."""
    offsets = word_offsets(text)
    places = [
        offsets[at : at + length]
        for length in (3, 2)
        for at in range(len(offsets) - length + 1)
        if tuple(text[a:b] for a, b in offsets[at : at + length]) in known
    ]
    if not places:
        return None
    place = generator.choice(places)
    made = spoiler.spoil([text[a:b] for a, b in place])
    if made is None:
        return None
    before, wording = text[: place[0][0]], " ".join(made)
    article = re.search(r"\b[Aa]n? $", before)
    if article is not None and article_clashes(article.group().strip(), wording):
        before, wording = before[: article.start()], with_article(wording, article.group()[0].isupper())
    return before + wording + text[place[-1][1] :]
