"""Set phrases for the rewriter: which are found in running English, and how they are spoilt."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from backspeak.errors import SettingsError
from backspeak.phrasebank.collocations import Collocations
from backspeak.phrasebank.continuations import Continuations
from backspeak.phrasebank.neighbours import Neighbours
from backspeak.training import rewriting, terms
from backspeak.training.examples import part_of
from backspeak.training.rewriting import ReferenceWorks, RewritingRecipe
from backspeak.training.terms import Grammar, Spoiler, TermRecipe

NOUNS = "power energy network plant turbine boat harbour wind water solar_power wind_turbine memory_bank tax_office"
PLACES = ("coast", "valley", "island", "northern border", "old harbour", "city", "lake", "river mouth", "hills")


@pytest.fixture(scope="module")
def wordnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wordnet")
    for part, words in {"noun": NOUNS, "verb": "power drive", "adj": "neural old", "adv": "slowly"}.items():
        lines = [f"{number:08d} 00 n 01 {word} 0 000 | a gloss" for number, word in enumerate(words.split(), start=1)]
        (folder / f"data.{part}").write_text("\n".join(["  1 a licence line", *lines]) + "\n", encoding="latin-1")
    return folder


@pytest.fixture(scope="module")
def documentation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documentation")
    words = Neighbours.load().words[::200]
    filler = " ".join(
        f"We met {a} and {b}, then {c} or {d} as well." for a, b, c, d in zip(*[iter(words)] * 4, strict=False)
    )
    text = "\n\n".join(
        f"The {place} has a wind turbine that was built in the last of the good years. "
        f"Nobody on the {place} had asked for it, and a neural network tells when it must rest."
        for place in PLACES
    )
    (folder / "guide").mkdir()
    (folder / "guide" / "guide.txt").write_text(f"{text}\n\n{filler}\n\nfor i in range(9): print(x[i])\n")
    (folder / "other.txt").write_text("Nobody reads this part of the documentation, as it is not named.\n")
    return folder


def test_sentences_are_running_english_of_some_length():
    text = (
        "It rains. The keeper of the lighthouse counts the boats that come home in the evening.  See x[i] = y{j} "
        "for the value of it all in the end. He then goes home to\nhis wife, who has been waiting for him all day."
    )
    assert list(terms.sentences(text)) == [
        "The keeper of the lighthouse counts the boats that come home in the evening.",
        "He then goes home to his wife, who has been waiting for him all day.",
    ]


def test_words_that_attract_each_other_are_found(documentation):
    texts = [text for paragraph in terms.prose(documentation, ["guide"]) for text in terms.sentences(paragraph)]
    texts = [text for text in texts if not text.startswith("We met")]
    assert len(texts) == 2 * len(PLACES)
    other = "Keepers count ships while children carry heavy boxes from the mill to the market."
    found = terms.attracted(texts + [other] * 60)
    assert found["wind", "turbine"] == len(PLACES)
    assert ("neural", "network") in found
    assert not {word for term in found for word in term} & {"the", "had", "nobody"}
    assert not terms.attracted(texts[:4])  # seen too seldom


def test_a_phrase_is_adjectives_and_nouns_before_a_noun(wordnet):
    grammar = Grammar.read(wordnet)
    assert grammar.phrases == (("memory", "bank"), ("solar", "power"), ("tax", "office"), ("wind", "turbine"))
    assert grammar.is_noun("turbines")
    assert not grammar.is_noun("drive")
    assert grammar.is_phrase(("neural", "network"))
    assert not grammar.is_phrase(("network", "neural"))


def test_what_the_base_expects_is_a_phrase_of_common_words(wordnet):
    grammar, collocations, continuations = Grammar.read(wordnet), Collocations.load(), Continuations.load()
    found = list(terms.expected(continuations, collocations, grammar))
    assert ("neural", "network") in found
    for first, second in found:
        assert grammar.is_phrase((first, second))
        assert min(collocations.count([first]), collocations.count([second])) >= 150


def _spoiler(seed: int = 1) -> Spoiler:
    return Spoiler(Collocations.load(), Neighbours.load(), {("nervous", "network"): 9}, random.Random(seed))


def test_a_spoilt_term_is_joined_by_nobody():
    spoiler = _spoiler()
    made = {spoiler.spoil(("neural", "network")) for _ in range(60)} - {None}
    assert len(made) > 20
    for term in made:
        new = set(pairwise(term)) - {("neural", "network")}
        assert new
        assert all(spoiler.collocations.count(list(pair)) == 0 for pair in new)
    assert ("nervous", "network") not in made
    assert [_spoiler(7).spoil(("solar", "power")) for _ in range(3)] == [
        _spoiler(7).spoil(("solar", "power")) for _ in range(3)
    ]


def test_a_compound_is_taken_apart():
    made = {_spoiler(seed).spoil(("database", "manager")) for seed in range(40)} - {None}
    assert {len(term) for term in made} == {2, 3}
    assert all("data" not in term or "base" not in term for term in made)


def test_as_many_pairs_of_each_kind_as_the_recipe_says(documentation, wordnet):
    recipe = TermRecipe(("guide",), spoilt_terms=12, kept_terms=5, spoilt_sentences=4, kept_sentences=3)
    made = terms.pairs(recipe, documentation, wordnet)
    carried, sentences = made[:17], made[17:]
    assert all(text != better for text, better in carried[:12])
    assert all(text == better for text, better in carried[12:])
    assert [text == better for text, better in sentences] == [True] * 3 + [False] * (len(sentences) - 3)
    assert 3 < len(sentences) <= 7
    assert all(part_of(better) == "train" for _, better in sentences)
    assert not any("documentation" in text for text, _ in made)
    assert made == terms.pairs(recipe, documentation, wordnet)


def test_terms_are_pairs_of_the_rewriter_and_need_documentation(data_folder, documentation, wordnet):
    given = {"damaged": 0, "clean": 0, "post_edits": 0, "references": 0}
    given["terms"] = {
        "sources": ["guide"],
        "spoilt_terms": 6,
        "kept_terms": 0,
        "spoilt_sentences": 0,
        "kept_sentences": 0,
    }
    recipe = RewritingRecipe.from_json(given)
    assert recipe.terms == TermRecipe(("guide",), 6, 0, 0, 0)
    made = rewriting.pairs(recipe, data_folder, ReferenceWorks(wordnet, documentation=documentation))
    assert len(made) == 6
    with pytest.raises(SettingsError, match="--documentation"):
        rewriting.pairs(recipe, data_folder, ReferenceWorks(wordnet))
    with pytest.raises(SettingsError, match="--wordnet"):
        rewriting.pairs(recipe, data_folder, ReferenceWorks(documentation=documentation))
