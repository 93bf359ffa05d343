"""The evaluation pairs are whole: each marks words that are there, and differs from its good half."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

PAIRS = Path(__file__).parent / "pairs.tsv"
COLUMNS = ["id", "source_lang", "bad", "good", "bad_words", "set", "phenomenon"]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def test_sets_are_balanced(rows: list[dict[str, str]]) -> None:
    assert len(rows) >= 120
    assert len({row["id"] for row in rows}) == len(rows)
    counts = Counter((row["set"], row["phenomenon"]) for row in rows)
    assert {name for name, _ in counts} == {"tune", "held-out"}
    assert set(counts.values()) == {8}


def test_each_pair_is_realistic_and_marked(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert 8 <= len(row["bad"].split()) <= 30, row["id"]
        assert row["bad"] != row["good"], row["id"]
        for words in row["bad_words"].split("|"):
            found = re.findall(rf"(?<!\w){re.escape(words)}(?!\w)", row["bad"])
            assert len(found) == 1, (row["id"], words)
            assert row["good"].count(words) < 1 or len(words.split()) == 1, (row["id"], words)
