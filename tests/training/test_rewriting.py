"""What the rewriter learns from: pairs of a text and a better one, none from a part that is measured on."""

from __future__ import annotations

from dataclasses import replace

from backspeak.phrasebank import PhraseBank
from backspeak.training import rewriting
from backspeak.training.examples import part_of, records
from backspeak.training.rewriting import ReferenceWorks, RewritingRecipe

NONE = RewritingRecipe(damaged=0, clean=0, post_edits=0, references=0)


def _pairs(data_folder, wordnet_folder, **counts) -> list[tuple[str, str]]:
    return rewriting.pairs(replace(NONE, **counts), data_folder, ReferenceWorks(wordnet_folder))


def test_clean_english_stays_as_it_is(data_folder, wordnet_folder):
    made = _pairs(data_folder, wordnet_folder, clean=5)
    assert len(made) == 5
    assert all(text == better for text, better in made)


def test_damaged_english_is_led_back(data_folder, wordnet_folder):
    made = _pairs(data_folder, wordnet_folder, damaged=4)
    assert made
    clean = {better for _, better in made}
    assert all(text != better and rewriting.alike(text, better) > 0.5 for text, better in made)
    assert all(part_of(each) == "train" for each in clean)


def test_what_people_mended_is_joined_again_and_what_they_left_is_no_pair(data_folder, wordnet_folder):
    made = _pairs(data_folder, wordnet_folder, post_edits=100, least_alike=0.0)
    rows = [each for each in records(data_folder / "mlqe-pe" / "ro-en.train.jsonl.xz") if each["hter"] > 0]
    assert 0 < len(made) == 5 * len(rows)
    assert {text for text, _ in made} == {each["translation"] for each in rows}
    assert all(" ." not in better and better.endswith(".") for _, better in made)


def test_only_references_near_to_the_text_count(data_folder, wordnet_folder):
    everything = _pairs(data_folder, wordnet_folder, references=100, least_alike=0.0)
    near = _pairs(data_folder, wordnet_folder, references=100, least_alike=0.7)
    assert set(near) == {pair for pair in everything if rewriting.alike(*pair) >= 0.7}
    assert 0 < len(near) < len(everything)
    assert all(part_of(better) == "train" for _, better in everything)


def test_sets_that_are_measured_on_are_left_out(data_folder, wordnet_folder):
    counts = {"clean": 50, "damaged": 50, "references": 50, "least_alike": 0.0}
    recipe = replace(NONE, **counts)
    references = {each["reference"] for each in records(data_folder / "mt-outputs" / "into-english.jsonl.xz")}
    all_of_them = rewriting.pairs(recipe, data_folder, ReferenceWorks(wordnet_folder))
    assert references & {better for _, better in all_of_them}
    without = rewriting.pairs(recipe, data_folder, ReferenceWorks(wordnet_folder), ["flores-dev"])
    assert without
    assert not references & {text for pair in without for text in pair}


def test_the_bank_lends_its_examples(data_folder, wordnet_folder):
    bank = PhraseBank.load()
    listed = list(rewriting.calques(bank))
    assert len(listed) > len(bank.entries) / 2
    assert all(text != better for text, better in listed)
    made = _pairs(data_folder, wordnet_folder, calques=2)
    assert len(made) == 3 * len(listed)
    assert sum(text == better for text, better in made) == len(listed)


def test_the_same_seed_gives_the_same_pairs(data_folder, wordnet_folder):
    counts = {"clean": 3, "damaged": 3, "post_edits": 3, "references": 3}
    made = _pairs(data_folder, wordnet_folder, **counts)
    assert made == _pairs(data_folder, wordnet_folder, **counts)
    assert sorted(made) != sorted(_pairs(data_folder, wordnet_folder, **counts, seed=5))


def test_alike():
    assert rewriting.alike("The door is blue.", "the door is blue.") == 1.0
    assert rewriting.alike("The door is blue.", "A gate was red!") == 0.0
    assert rewriting.alike("", "") == 1.0


def test_synonyms_without_opposites(tmp_path, wordnet_folder):
    moby = tmp_path / "words.txt"
    moby.write_text("boat,ship\nship,boat\nboat,shoe tree\n")
    synonyms = rewriting.near_synonyms(wordnet_folder, moby)
    assert {"vessel", "ship"} <= synonyms["noun", "boat"]
    assert "shoe tree" not in synonyms["noun", "boat"]
