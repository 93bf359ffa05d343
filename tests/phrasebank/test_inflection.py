"""Inflection by rule and by the shipped table of irregular forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from backspeak import resources
from backspeak.errors import InputError
from backspeak.phrasebank.inflection import IRREGULAR_TABLE, Inflector


@pytest.fixture(scope="module")
def inflector() -> Inflector:
    return Inflector.load(resources.corpus_dir())


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("make", {"make", "makes", "made", "making"}),
        ("take", {"take", "takes", "took", "taken", "taking"}),
        ("carry", {"carry", "carries", "carried", "carrying"}),
        ("stop", {"stop", "stops", "stopped", "stopping"}),
        ("admit", {"admit", "admits", "admitted", "admitting"}),
        ("lie", {"lie", "lies", "lay", "lain", "lying"}),
        ("be", {"be", "am", "is", "are", "was", "were", "been", "being"}),
        ("child", {"child", "children"}),
        ("photo", {"photo", "photos"}),
        ("realise", {"realise", "realize", "realised", "realized"}),
        ("favour", {"favour", "favor"}),
    ],
)
def test_forms(inflector: Inflector, word: str, forms: set[str]) -> None:
    assert forms <= inflector.forms(word)


@pytest.mark.parametrize(
    ("word", "other"), [("us", "uses"), ("the", "thes"), ("open", "openned"), ("visit", "visitted")]
)
def test_words_that_are_no_forms(inflector: Inflector, word: str, other: str) -> None:
    assert other not in inflector.forms(word)


@pytest.mark.parametrize(
    ("word", "form", "after_auxiliary", "tag"),
    [
        ("make", "made", False, "VBD"),
        ("make", "made", True, "VBN"),
        ("take", "taken", False, "VBN"),
        ("take", "taking", True, "VBG"),
        ("put", "put", False, "VB"),
        ("photo", "photos", False, "VBZ"),
    ],
)
def test_tags(inflector: Inflector, word: str, form: str, after_auxiliary: bool, tag: str) -> None:
    assert inflector.tag(word, form, after_auxiliary) == tag


def test_inflect_prefers_the_first_form_of_the_table(inflector: Inflector) -> None:
    assert [inflector.inflect("take", tag) for tag in ("VBZ", "VBD", "VBN", "VBG", "NNS")] == [
        "takes",
        "took",
        "taken",
        "taking",
        "takes",
    ]


def test_every_irregular_entry_is_irregular(inflector: Inflector) -> None:
    """An entry that the rules would give anyway hides a slip of the pen."""
    rules = Inflector()
    lines = (resources.corpus_dir() / IRREGULAR_TABLE).read_text(encoding="utf-8").splitlines()[1:]
    words = [line.split("\t")[0] for line in lines]
    assert len(words) == len(set(words)) >= 200
    assert [word for word in words if inflector.paradigm(word) == rules.paradigm(word)] == []


def test_a_damaged_table_names_its_line(tmp_path: Path) -> None:
    (tmp_path / IRREGULAR_TABLE).write_text("base\tkind\tforms\ntake\tverb\ttook taken\ngo\tverb\twent\n")
    with pytest.raises(InputError, match=r"irregular_forms\.tsv:3: .*past and its participle"):
        Inflector.load(tmp_path)


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("pinnacles", ("pinnacle", "NNS")),
        ("ferries", ("ferry", "NNS")),
        ("watches", ("watch", "NNS")),
        ("dwindled", ("dwindle", "VBD")),
        ("carried", ("carry", "VBD")),
        ("stopping", ("stop", "VBG")),
        ("baking", ("bake", "VBG")),
    ],
)
def test_the_base_of_a_regular_form_is_found(form, base):
    assert base in Inflector().bases(form)


def test_what_is_no_regular_form_has_no_base():
    assert Inflector().bases("pinnacle") == []
