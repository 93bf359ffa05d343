"""The evaluation pairs are whole: each marks words that are there, and differs from its good half."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
COLUMNS = ["id", "source_lang", "bad", "good", "bad_words", "set", "phenomenon"]
LANGUAGES = {"ru", "uk", "es", "fr", "de", "it", "pt", "pl", "zh", "ar", "tr"}


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert reader.fieldnames == COLUMNS
        return list(reader)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [*read("pairs.tsv"), *read("held-out.tsv")]


def test_sets_are_kept_apart(rows: list[dict[str, str]]) -> None:
    assert {row["set"] for row in read("pairs.tsv")} == {"tune"}
    assert {row["set"] for row in read("held-out.tsv")} == {"held-out"}
    assert len({row["id"] for row in rows}) == len(rows) >= 290
    assert len({row["bad"] for row in rows}) == len(rows)


def test_held_out_pairs_are_spread_over_languages_and_phenomena() -> None:
    held_out = read("held-out.tsv")
    assert len(held_out) >= 110
    languages = Counter(row["source_lang"] for row in held_out)
    assert set(languages) == LANGUAGES
    assert min(languages.values()) >= 10
    assert min(Counter(row["phenomenon"] for row in held_out).values()) >= 8


def test_each_pair_is_realistic_and_marked(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert 8 <= len(row["bad"].split()) <= 30, row["id"]
        assert row["bad"] != row["good"], row["id"]
        for words in row["bad_words"].split("|"):
            found = re.findall(rf"(?<!\w){re.escape(words)}(?!\w)", row["bad"])
            assert len(found) == 1, (row["id"], words)
            assert row["good"].count(words) < 1 or len(words.split()) == 1, (row["id"], words)
