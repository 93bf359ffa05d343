"""Thesauri as relations: what stands in their files, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from backspeak.phrasebank.inflection import Inflector
from backspeak.training import neighbours, thesauri

# Three synsets of nouns in the layout of WordNet's own files; `wndb(5)` names the fields.
NOUNS = """  1 a line of the licence begins with two spaces
00000001 17 n 02 brook 0 creek 0 001 @ 00000002 n 0000 | a small stream
00000002 17 n 01 stream 0 002 ~ 00000001 n 0000 + 00000004 v 0101 | moving water
00000003 17 n 01 drought 0 001 ! 00000005 n 0101 | no water
00000005 17 n 02 flood 0 old_flood 0 000 | much water
"""
VERBS = "00000004 30 v 01 flow 0 001 + 00000002 n 0101 01 + 02 00 | to move\n"


@pytest.fixture
def wordnet(tmp_path: Path) -> Path:
    for part, text in (("noun", NOUNS), ("verb", VERBS), ("adj", ""), ("adv", "")):
        (tmp_path / f"data.{part}").write_text(text, encoding="latin-1")
    return tmp_path


def test_synonyms_broader_words_derived_ones_and_opposites(wordnet: Path) -> None:
    relations, opposites = thesauri.wordnet(wordnet)
    assert relations["brook"] == {"creek": thesauri.SYNONYM, "stream": thesauri.SIMILAR}
    assert relations["stream"]["flow"] == relations["flow"]["stream"] == thesauri.DERIVED
    assert opposites == {("drought", "flood"), ("flood", "drought")}
    assert "old_flood" not in relations


def test_moby_lists_are_surer_where_they_agree(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("brook,creek,small stream,Nile\ncreek,brook,inlet\n", encoding="latin-1")
    relations = thesauri.moby(path)
    assert relations["creek"] == {"brook": thesauri.MUTUAL, "inlet": thesauri.LISTED}
    assert set(relations["brook"]) == {"creek"}


def test_each_form_gets_the_same_form() -> None:
    found = neighbours.inflected(
        {"brook": {"creek": 0.5}}, Inflector(), {"brook", "creek", "brooks", "creeks", "brooked"}
    )
    assert found == {"brook": {"creek": 0.5}, "brooks": {"creeks": 0.5}}


def test_sources_that_agree_make_it_surer() -> None:
    sources = [{"brook": {"creek": 0.5, "river": 0.2}}, {"brook": {"creek": 0.5}}, {}]
    assert neighbours.joined(sources, "brook") == pytest.approx({"creek": 0.75, "river": 0.2})
