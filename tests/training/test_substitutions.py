"""What spinners put for which word: counted over pairs of phrases, carried over to other forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backspeak import resources
from backspeak.errors import ModelError
from backspeak.evaluation.unlisted import half_of
from backspeak.phrasebank.inflection import Inflector
from backspeak.phrasebank.substitutions import Substitutions
from backspeak.training import substitutions


@pytest.fixture(scope="module")
def inflector() -> Inflector:
    return Inflector.load(resources.corpus_dir())


def test_words_in_the_same_place_are_counted(inflector: Inflector) -> None:
    pairs = [
        ("boiled beverage", "boiled coffee"),
        ("Robust-beverage machine", "strong-coffee machine"),
        ("robust beverage (rb)", "strong tea"),
        ("robust bean juice", "strong coffee"),  # not as many words
        ("robust of the", "strong by the"),  # closed-class words
        ("robust beverages", "strong beverage"),  # a form of the same word
    ]
    found = substitutions.counted(pairs, inflector)
    assert {word: dict(others) for word, others in found.items()} == {
        "beverage": {"coffee": 2, "tea": 1},
        "robust": {"strong": 4},
    }


def test_the_same_pair_of_phrases_counts_once(inflector: Inflector) -> None:
    found = substitutions.counted([("robust tea", "strong tea"), ("Robust tea", "strong tea")], inflector)
    assert found["robust"]["strong"] == 1


def test_what_was_seen_more_often_is_surer(inflector: Inflector) -> None:
    counts = substitutions.counted(
        [("moist ink", "wet ink"), ("wide ink", "big ink"), ("wide hat", "big hat")], inflector
    )
    found = substitutions.sure(counts, set(), inflector)
    assert 0.5 < found["moist"]["wet"] < found["wide"]["big"] < 1


def test_other_forms_stand_for_the_same_form(inflector: Inflector) -> None:
    counts = substitutions.counted([("tea leaflets", "tea brochures")], inflector)
    found = substitutions.sure(counts, {"leaflet", "brochure", "leaflets", "leafleted"}, inflector)
    assert found["leaflets"]["brochures"] > found["leaflet"]["brochure"] > 0
    assert set(found) == {"leaflet", "leaflets"}  # of "brochured" nothing is known


def test_only_the_development_half_is_read(tmp_path: Path) -> None:
    (tmp_path / "tortured-phrases").mkdir()
    pairs = [{"tortured": f"moist ink {number}", "expected": f"wet ink {number}"} for number in range(40)]
    lines = "".join(json.dumps(pair) + "\n" for pair in pairs)
    (tmp_path / "tortured-phrases" / "development.jsonl").write_text(lines, encoding="utf-8")
    read = [tortured for tortured, _ in substitutions.phrases(tmp_path)]
    assert read == [pair["tortured"] for pair in pairs if half_of(pair["tortured"]) == "development"]
    assert 0 < len(read) < len(pairs)


def test_the_table_gives_the_surest_first(tmp_path: Path) -> None:
    substitutions.write(tmp_path / "s.safetensors", {"robust": {"sturdy": 0.2, "strong": 0.8}})
    table = Substitutions.load(tmp_path / "s.safetensors")
    assert [(word, round(sureness, 1)) for word, sureness in table.of("robust")] == [("strong", 0.8), ("sturdy", 0.2)]
    assert table.of("strong") == table.of("qzxv") == []


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.safetensors").write_bytes(b"not a table")
    with pytest.raises(ModelError, match="no table of substitutions"):
        Substitutions.load(tmp_path / "s.safetensors")


def test_the_shipped_table_holds_single_words_and_no_phrase() -> None:
    table = Substitutions.load()
    assert len(table.words) > 1000
    assert all(word.isalpha() for word in table.words)
