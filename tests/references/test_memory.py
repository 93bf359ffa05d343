"""Fuzzy matching: the nearest approved sentence, found whatever the size of the memory."""

from __future__ import annotations

import random
import sqlite3

import pytest
from rapidfuzz.distance import Levenshtein

from backspeak.errors import InputError
from backspeak.references import memory as memory_module
from backspeak.references.memory import MIN_SIMILARITY, TranslationMemory

FERRY = "The ferry leaves tomorrow at noon."


@pytest.fixture
def memory(tmx) -> TranslationMemory:
    return TranslationMemory.open(
        tmx(
            ("Паром отходит завтра в полдень.", FERRY),
            ("Паром отходит завтра вечером.", "The ferry leaves tomorrow in the evening."),
            ("Совет закрыл старый мост.", "The council has closed the old bridge."),
        )
    )


def test_the_sentence_itself_is_exact(memory):
    match = memory.best_match(FERRY)
    assert match is not None
    assert match.exact
    assert (match.text, match.similarity, match.origin, match.unit_id) == (FERRY, 1.0, "approved.tmx", "u1")
    assert memory.best_match("  The ferry\u00a0leaves tomorrow at  noon. ").exact


@pytest.mark.parametrize("text", [FERRY.upper(), FERRY.replace(".", "!"), FERRY.replace("at", "at,")])
def test_case_and_punctuation_make_it_not_quite_the_same(memory, text):
    match = memory.best_match(text)
    assert (match.similarity, match.exact) == (0.99, False)


def test_the_nearest_one_is_found(memory):
    match = memory.best_match("The ferry departs tomorrow in the evening.")
    assert match.unit_id == "u2"
    assert match.similarity == pytest.approx(6 / 7, abs=1e-4)


@pytest.mark.parametrize("text", ["A gardener waters the roses.", "", " …", "The bridge"])
def test_nothing_near_is_none(memory, text):
    assert memory.best_match(text) is None


def test_the_same_source_is_found_however_it_was_translated(memory):
    match = memory.best_match("They shut down the crossing.", "Совет закрыл  старый мост.")
    assert (match.unit_id, match.same_source) == ("u3", True)
    assert match.similarity < MIN_SIMILARITY
    assert memory.best_match("They shut down the crossing.", "Другое.") is None


def test_of_equal_sentences_the_one_with_the_same_source_speaks(tmx):
    memory = TranslationMemory.open(tmx(("Раз.", "Come in."), ("Два.", "Come in."), ("Три.", "Come in.")))
    assert memory.best_match("Come in.").unit_id == "u1"
    assert memory.best_match("Come in.", "Два.").unit_id == "u2"


def test_nothing_above_the_threshold_is_overlooked(tmx):
    """The words that are looked up are few; the result is that of comparing with everything."""
    generator = random.Random(5)
    vocabulary = [f"w{number}" for number in range(40)] + ["the", "of", "a"] * 10
    sentences = [" ".join(generator.choices(vocabulary, k=generator.randint(3, 12))) for _ in range(300)]
    memory = TranslationMemory.open(tmx(*((f"s{number}", each) for number, each in enumerate(sentences))))
    found = 0
    for _ in range(200):
        words = generator.choice(sentences).split()
        for _ in range(generator.randint(0, 3)):
            words[generator.randrange(len(words))] = generator.choice(vocabulary)
        best = max(Levenshtein.normalized_similarity(words, each.split()) for each in sentences)
        match = memory.best_match(" ".join(words))
        assert (0.0 if match is None else match.similarity) == pytest.approx(
            best if best >= MIN_SIMILARITY else 0.0, abs=1e-4
        )
        found += match is not None
    assert 50 < found < 200


def test_a_memory_is_read_once_and_recognised_by_its_content(tmx, monkeypatch):
    path = tmx(("Раз.", "Come in, please."))
    read: list[tuple[int, int, str]] = []
    first = TranslationMemory.open(path, lambda *step: read.append(step))
    assert read[-1] == (path.stat().st_size, path.stat().st_size, "reading approved.tmx")
    monkeypatch.setattr(memory_module, "read_units", None)
    again = TranslationMemory.open(path.rename(path.with_name("renamed.tmx")))
    assert again.signature == first.signature
    assert again.best_match("Come in, please.").origin == "renamed.tmx"


def test_another_content_is_another_memory(tmx):
    first = TranslationMemory.open(tmx(("Раз.", "Come in, please.")))
    second = TranslationMemory.open(tmx(("Раз.", "Please step inside.")))
    assert first.signature != second.signature
    assert second.best_match("Come in, please.") is None


def test_a_file_that_is_refused_leaves_nothing_behind(write, tmp_path):
    path = write("a.tsv", "source\ttarget\nx\tThe bridge is open.\nz\n")
    for _ in range(2):
        with pytest.raises(InputError, match=r"a\.tsv:3"):
            TranslationMemory.open(path)
    assert list((tmp_path / "cache" / "memory").iterdir()) == []


def test_a_damaged_cache_is_made_again(tmx, tmp_path):
    path = tmx(("Раз.", FERRY))
    TranslationMemory.open(path)
    (database,) = (tmp_path / "cache" / "memory").iterdir()
    database.write_bytes(b"half a database")
    assert TranslationMemory.open(path).best_match(FERRY).exact


def test_the_cache_is_never_written_to_while_matching(memory):
    with pytest.raises(sqlite3.OperationalError):
        memory._database.execute("DELETE FROM units")


@pytest.mark.parametrize("text", ['say "or" NOT * ( the ferry', "don’t don't", "NEAR(a b)", "ferry " * 500, "٣ ½ ₤ 𝔘"])
def test_no_text_is_taken_for_a_query(memory, text):
    match = memory.best_match(text)
    assert match is None or match.similarity < 1


def test_apostrophes_are_alike(tmx):
    memory = TranslationMemory.open(tmx(("Раз.", "Don’t touch the captain’s hat.")))
    assert memory.best_match("Don't touch the captain's hat.").similarity == 0.99
