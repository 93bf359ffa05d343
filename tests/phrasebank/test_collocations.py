"""Collocation counts: what the shipped file knows, and that a counted text comes back as it was."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from backspeak.errors import InputError
from backspeak.phrasebank.collocations import SEPARATOR, Collocations, encode_count, triple_key, words_of, write


@pytest.fixture(scope="module")
def counts() -> Collocations:
    return Collocations.load()


@pytest.mark.parametrize(
    ("natural", "odd"),
    [
        ("heavy rain", "strong rain"),
        ("big data", "colossal information"),
        ("breast cancer", "bosom peril"),
        ("public opinion", "public thinking"),
        ("depends on", "depends from"),
        ("take part in", "take participation in"),
        ("gross domestic product", "coarse domestic product"),
    ],
)
def test_natural_wording_is_attested_more(counts: Collocations, natural: str, odd: str) -> None:
    assert counts.count(natural.split()) > 5 * counts.count(odd.split())


def test_the_size_of_the_evidence(counts: Collocations) -> None:
    assert counts.total > 30_000_000
    assert counts.count(["the"]) > 1_000_000
    assert counts.count(["The"]) == counts.count(["the"])
    assert counts.count(["qzxv"]) == counts.count(["the", "qzxv"]) == 0
    assert counts.after("qzxv") == []


def test_after_agrees_with_count(counts: Collocations) -> None:
    following = counts.after("heavy")
    assert len(following) > 50
    assert following[0][1] >= following[-1][1]
    assert all(counts.count(["heavy", word]) == count for word, count in following)


@pytest.mark.parametrize("words", [[], ["a", "b", "c", "d"]])
def test_only_one_to_three_words(counts: Collocations, words: list[str]) -> None:
    with pytest.raises(ValueError, match="one, two or three"):
        counts.count(words)


def test_words_of_parts_at_punctuation_and_joins_at_hyphens() -> None:
    assert words_of("The well-known doctor’s 3,500 cats (all grey).") == [
        *("the", "well", "known", "doctor's", "0", "cats", SEPARATOR, "all", "grey", SEPARATOR)
    ]


def test_counts_are_exact_up_to_seven_and_close_above(tmp_path: Path) -> None:
    true = np.array([0, 1, 2, 3, 4, 5, 6, 7, 100, 12_345, 1_000_000])
    words = ["", *(f"w{letter}" for letter in "abcdefghij")]
    empty = np.zeros(0, np.uint8)
    tables = {
        "word_counts": encode_count(true),
        "pair_rows": np.zeros(len(words) + 1, np.uint32),
        "pair_words": empty.astype(np.uint16),
        "pair_counts": empty,
        "triple_rows": np.zeros((1 << 16) + 1, np.uint32),
        "triple_marks": empty.astype(np.uint16),
        "triple_counts": empty,
    }
    write(tmp_path / "c.safetensors", tables, words, int(true.sum()), "none")
    counts = Collocations.load(tmp_path / "c.safetensors")
    read = [counts.count([word]) for word in words[1:]]
    assert read[:7] == [1, 2, 3, 4, 5, 6, 7]
    assert read[7:] == pytest.approx(true[8:], rel=0.04)
    assert counts.count(["wa", "wb"]) == counts.count(["wa", "wb", "wc"]) == 0


def test_triple_keys_of_arrays_are_those_of_numbers() -> None:
    first, second, third = (np.array([1, 65_000, 40_000]), np.array([2, 65_000, 9]), np.array([3, 65_000, 30_000]))
    rows, marks = triple_key(first, second, third)
    single = [triple_key(int(a), int(b), int(c)) for a, b, c in zip(first, second, third, strict=True)]
    assert list(zip(rows.tolist(), marks.tolist(), strict=True)) == single


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    path.write_bytes(b"not counts")
    with pytest.raises(InputError, match="no collocation counts"):
        Collocations.load(path)


def test_a_look_up_takes_microseconds(counts: Collocations) -> None:
    start = time.process_time()
    for _ in range(5_000):
        counts.count(["prime", "minister"])
        counts.count(["gross", "domestic", "product"])
    assert (time.process_time() - start) / 10_000 < 50e-6


def test_the_recipe_counts_what_a_text_holds(tmp_path: Path) -> None:
    training = pytest.importorskip("backspeak.training.collocations")
    folder = tmp_path / "sources" / "notes"
    folder.mkdir(parents=True)
    sentences = [f"The big cat of the {letter * 2} house has been on the mat, and it was old." for letter in "abcdefgh"]
    (folder / "notes.txt").write_text("\n\n".join([*sentences, sentences[0], "x = [1, 2, 3]; call(y)"]))
    tables, words, total = training.count(tmp_path / "sources", None, log=lambda line: None)
    write(tmp_path / "c.safetensors", tables, words, total, "notes")
    counts = Collocations.load(tmp_path / "c.safetensors")
    pairs = Counter(pair for line in sentences for pair in zip(words_of(line), words_of(line)[1:], strict=False))
    assert counts.total == sum(word != SEPARATOR for line in sentences for word in words_of(line))
    assert counts.count(["big", "cat"]) == pairs["big", "cat"] == len(sentences)
    assert counts.count(["the", "big", "cat"]) == pytest.approx(8, abs=1)
    assert counts.count(["mat", "and"]) == 0


def test_a_table_of_pair_counts_agrees_with_count(counts: Collocations) -> None:
    firsts, seconds = ["heavy", "big", "qzxv"], ["rain", "data", "qzxv", "the"]
    table = counts.pair_counts(counts.numbers(firsts), counts.numbers(seconds))
    assert table.tolist() == [[counts.count([first, second]) for second in seconds] for first in firsts]
    assert table[1, 1] > 0
    alone = counts.word_counts(counts.numbers(seconds))
    assert alone.tolist() == [counts.count([word]) for word in seconds]
    assert counts.pair_counts(counts.numbers([]), counts.numbers(seconds)).shape == (0, 4)
