"""Words: what counts as one, and which ones no proposal may touch."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backspeak.evidence.words import begins_sentence, is_protected, is_punctuation, word_offsets


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_offsets(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a well-known sea-dog", ["a", "well-known", "sea-dog"]),
        ("a non‑breaking hyphen", ["a", "non‑breaking", "hyphen"]),
        ("mother-in-law's umbrella", ["mother-in-law's", "umbrella"]),
        ("it's o’clock, isn’t it", ["it's", "o’clock", ",", "isn’t", "it"]),
        ("the boys' boots", ["the", "boys", "'", "boots"]),
        ("about 1,200.50 crowns", ["about", "1,200.50", "crowns"]),
        ("at 10:30am on 3/4", ["at", "10:30am", "on", "3/4"]),
        ("a 40-page book", ["a", "40-page", "book"]),
        ("a 2.5-litre jug", ["a", "2.5-litre", "jug"]),
        ("12%, or $9.", ["12", "%", ",", "or", "$", "9", "."]),
        ("“Rain!” — so", ["“", "Rain", "!", "”", "—", "so"]),
        ("wait… 🙂", ["wait", "…", "🙂"]),
        ("naïve Łódź 東京", ["naïve", "Łódź", "東京"]),
        ("-5 degrees", ["-", "5", "degrees"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_words_of_a_text(text, words):
    assert _words(text) == words


@given(st.text(max_size=60))
def test_words_are_in_order_and_hold_everything_visible(text):
    offsets = word_offsets(text)
    assert all(start < end for start, end in offsets)
    assert all(first[1] <= second[0] for first, second in pairwise(offsets))
    inside = {place for start, end in offsets for place in range(start, end)}
    assert all(text[place].isspace() for place in set(range(len(text))) - inside)
    assert not any(text[place].isspace() for place in inside)


@pytest.mark.parametrize("word", [",", "…", "—", "”", "$", "_", "🙂"])
def test_marks_are_punctuation(word):
    assert is_punctuation(word)


@pytest.mark.parametrize("word", ["a", "7", "o’clock", "ß", "字", "½"])
def test_letters_and_figures_are_not_punctuation(word):
    assert not is_punctuation(word)


def _is_protected(text: str, words: str) -> bool:
    start = text.index(words)
    return is_protected(text, start, start + len(words))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("They sailed to Lisbon in May.", "Lisbon"),
        ("They sailed to Lisbon in May.", "to Lisbon in"),
        ("The bridge has 12 arches.", "12"),
        ("The bridge opened in the 1930s.", "1930s"),
        ("A plan of the NATO staff.", "NATO"),
        ("iPhone owners queued.", "iPhone"),
        ("McAllister paid.", "McAllister"),
        ("An anti-British poem.", "anti-British"),
        ("We met Mr. Hollis at noon.", "Hollis"),
        ("Mrs. Quill sings.", "Quill"),
        ("A play by J. Hollis.", "Hollis"),
        ("The road to St. Ives.", "Ives"),
        ("They won at last — Lisbon was theirs.", "Lisbon"),
        ("He had two fears: Moscow and winter.", "Moscow"),
        ("One man – Hollis – stayed.", "Hollis"),
    ],
)
def test_names_and_numbers_are_protected(text, words):
    assert _is_protected(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("They sailed to the harbour.", "harbour"),
        ("Storms are rare here.", "Storms"),
        ("“Storms are rare,” she said.", "Storms"),
        ("He left. Storms came.", "Storms"),
        ("Then I left.", "I"),
        ("Then I've left, and I’ll stay away.", "I've left, and I’ll"),
        ("Is it so? Perhaps.", "Perhaps"),
        ("A well-known baker.", "well-known"),
        ("He had one rule: Never sail on Friday.", "Never"),
        ("Then came the storm — It's why we left.", "It's"),
    ],
)
def test_common_words_are_not_protected(text, words):
    assert not _is_protected(text, words)


def test_a_sentence_begins_where_a_capital_is_only_for_its_place():
    text = "Rain fell. Nobody saw Mr. Hollis leave."
    assert [text[start:end] for start, end in word_offsets(text) if begins_sentence(text, start)] == ["Rain", "Nobody"]
