"""Pairs of a text and what a native writer would have written: what the rewriter of a pivot's adapter learns from.

Machine translations before and after people mended them, outputs of MT systems close to the human
reference, clean English damaged on purpose (`training.corruption`), spoilt terms (`training.terms`), and clean
English that stays as it is.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from sacremoses import MosesDetokenizer

from backspeak.errors import SettingsError
from backspeak.evidence import phrase_bank
from backspeak.evidence.words import word_offsets
from backspeak.phrasebank import PhraseBank
from backspeak.training import terms, thesauri
from backspeak.training.corruption import Corrupter, Kind
from backspeak.training.examples import MLQE_PAIRS, clean_english, part_of, records
from backspeak.training.terms import TermRecipe

# How sure a thesaurus must be of two words (`thesauri`): siblings under one heading are other things.
_LEAST_SURE = 0.25
_LONGEST = 60  # words


@dataclass(frozen=True)
class RewritingRecipe:
    """How many pairs of which kind, and how close the two texts of a pair must be."""

    damaged: int = 10_000
    clean: int = 6_000
    post_edits: int = 5_000
    references: int = 3_000
    least_alike: float = 0.6  # by `alike`: a reference farther away is another sentence
    synonyms: float = 0.4  # share of the damaged texts in which only synonyms were put
    collocations: float = 0.25  # in which only verbs before their nouns and adjectives of degree were changed
    calques: int = 0  # of the phrase bank's entries, how often each
    terms: TermRecipe | None = None  # set phrases of technical English, spoilt
    seed: int = 20261123

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> RewritingRecipe:
        """As it stands in a recipe file; TypeError for a key that no recipe has."""
        named = dict(given)
        if named.get("terms") is not None:
            named["terms"] = TermRecipe(**{**named["terms"], "sources": tuple(named["terms"].get("sources", ()))})
        return cls(**named)


@dataclass(frozen=True)
class ReferenceWorks:
    """Where works lie that are not among the training data: folders of WordNet 3 and of unpacked documentation
    (see `training.collocations`), and the file of the Moby Thesaurus."""

    wordnet: Path | None = None
    moby: Path | None = None
    documentation: Path | None = None


def pairs(
    recipe: RewritingRecipe, data: Path, works: ReferenceWorks, exclude_sets: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """(text, rewritten) of every kind, shuffled; nothing from a development or test part, nor from `exclude_sets`.

    SettingsError where the recipe needs a work that was not named.
    """
    if works.wordnet is None:
        raise SettingsError("this recipe damages English with the help of WordNet; name its folder with --wordnet")
    if recipe.terms is not None and works.documentation is None:
        raise SettingsError("this recipe spoils terms of free documentation; name its folder with --documentation")
    generator = random.Random(recipe.seed)
    excluded = {record["reference"].strip() for record in _outputs(data) if record["set"] in exclude_sets}
    clean = [
        each.text
        for each in clean_english(data, recipe.seed)
        if part_of(each.text.strip()) == "train" and each.text.strip() not in excluded
    ]
    corrupter = Corrupter(clean, near_synonyms(works.wordnet, works.moby), recipe.seed)
    generator.shuffle(clean)
    damaged: list[tuple[str, str]] = []
    for text in clean[recipe.clean :]:
        if len(damaged) == recipe.damaged:
            break
        kind: Kind = generator.choices(("synonyms", "collocations", "any"), _shares(recipe))[0]
        found = corrupter.corrupt(text, kind)
        if found is not None:
            damaged.append((found.text, text))
    kinds = [
        damaged,
        [(text, text) for text in clean[: recipe.clean]],
        _sample(_post_edits(data), recipe.post_edits, recipe.least_alike, generator),
        _sample(_near_references(data, excluded), recipe.references, recipe.least_alike, generator),
    ]
    if recipe.calques:
        listed = list(calques(PhraseBank.load()))
        kinds += [listed * recipe.calques, [(better, better) for _, better in listed]]
    if recipe.terms is not None and works.documentation is not None:
        kinds.append(terms.pairs(recipe.terms, works.documentation, works.wordnet))
    mixed = [pair for kind in kinds for pair in kind]
    generator.shuffle(mixed)
    return mixed


def _shares(recipe: RewritingRecipe) -> tuple[float, float, float]:
    return recipe.synonyms, recipe.collocations, 1.0 - recipe.synonyms - recipe.collocations


def calques(bank: PhraseBank) -> Iterator[tuple[str, str]]:
    """The example of every entry of the phrase bank, and the same with the first wording that it suggests."""
    for entry in bank.entries:
        for each in phrase_bank.collect(entry.example, bank):
            if each.rule == entry.rule and each.suggestions:
                yield (
                    entry.example,
                    entry.example[: each.start] + each.suggestions[0] + entry.example[each.end :],
                )
                break


def near_synonyms(wordnet: Path, moby: Path | None) -> Mapping[tuple[str, str], set[str]]:
    """What may be put for a word, in the form that `Corrupter` asks for."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    relations, opposites = thesauri.wordnet(wordnet)
    for each in [relations] + ([thesauri.moby(moby)] if moby is not None else []):
        for word, others in each.items():
            sure = {
                other
                for other, sureness in others.items()
                if sureness >= _LEAST_SURE and (word, other) not in opposites
            }
            found["noun", word] |= sure
    return dict(found)


def alike(one: str, other: str) -> float:
    """Share of the words that two texts have in common, in order: from 0 to 1."""
    ours, theirs = ([text[a:b].casefold() for a, b in word_offsets(text)] for text in (one, other))
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def _sample(
    found: Iterable[tuple[str, str]], wanted: int, least_alike: float, generator: random.Random
) -> list[tuple[str, str]]:
    ordered = list(found)
    generator.shuffle(ordered)
    taken: list[tuple[str, str]] = []
    for text, better in ordered:
        if len(taken) == wanted:
            break
        if len(better.split()) <= _LONGEST and alike(text, better) >= least_alike:
            taken.append((text, better))
    return taken


def _post_edits(data: Path) -> Iterator[tuple[str, str]]:
    detokenizer = MosesDetokenizer(lang="en")
    for language in MLQE_PAIRS:
        for record in records(data / "mlqe-pe" / f"{language}-en.train.jsonl.xz"):
            if record["hter"] > 0:
                yield record["translation"].strip(), detokenizer.detokenize(record["post_edit"].split())


def _outputs(data: Path) -> Iterator[dict[str, Any]]:
    return records(data / "mt-outputs" / "into-english.jsonl.xz")


def _near_references(data: Path, excluded: Set[str]) -> Iterator[tuple[str, str]]:
    for record in _outputs(data):
        reference = record["reference"].strip()
        if part_of(reference) == "train" and reference not in excluded:
            for text in record["outputs"].values():
                if text.strip() != reference:
                    yield text.strip(), reference
