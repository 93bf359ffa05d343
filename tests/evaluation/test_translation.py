"""Scores of an engine, and the base with examples that it is compared with."""

from __future__ import annotations

import json
import lzma

import pytest

from backspeak.engines.scripted import ScriptedEngine
from backspeak.errors import InputError
from backspeak.evaluation.translation import Untrained, held_out, read_examples, read_parallel, score
from backspeak.training.examples import part_of

PAIRS = [
    ("The ferry leaves at noon from the old harbour.", "El transbordador sale a mediodía del viejo puerto."),
    ("Nobody knew who had painted the blue door.", "Nadie sabía quién había pintado la puerta azul."),
]


@pytest.fixture
def data(tmp_path):
    (tmp_path / "parallel").mkdir()
    records = [{"set": "flores-dev", "source": s, "targets": {"human": t}} for s, t in PAIRS]
    records += [{"set": "wmt20", "source": s, "targets": {"google": t}} for s, t in PAIRS * 2]
    records += [{"set": "wmt20", "source": "Yes.", "targets": {"google": "Sí."}}]
    with lzma.open(tmp_path / "parallel" / "en-es.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    return tmp_path


def test_the_sentences_of_a_set_are_read(data):
    assert read_parallel(data, "en", "es", "flores-dev") == PAIRS
    with pytest.raises(InputError, match="no sentences of 'wmt20' with a human target; there is flores-dev, wmt20"):
        read_parallel(data, "en", "es", "wmt20")
    with pytest.raises(InputError, match=r"en-fr\.jsonl\.xz: there is no such file"):
        read_parallel(data, "en", "fr", "flores-dev")


def test_the_held_out_part_is_told_by_the_english_on_either_side():
    english = [f"Ferry number {number} leaves at noon." for number in range(40)]
    kept = [text for text in english if part_of(text) != "train"]
    assert 0 < len(kept) < len(english)
    assert held_out([(f" {text}", "Sale.") for text in english], "en") == [(f" {text}", "Sale.") for text in kept]
    assert held_out([("Sale.", text) for text in english], "es") == [("Sale.", text) for text in kept]


def test_examples_are_of_middle_length_and_from_outside_the_test_set(data):
    assert read_examples(data, "en", "es", "flores-dev") == PAIRS * 2
    with pytest.raises(InputError, match="no 4 examples outside 'wmt20'"):
        read_examples(data, "en", "es", "wmt20")


def test_a_score_has_its_signature_and_counts_what_stays_degenerate():
    loop = "la la la la la la la la la la la la la la la la la la"
    right = {(source, "es"): [target] for source, target in PAIRS}
    perfect = score(ScriptedEngine(right), PAIRS, "en", "es")
    assert (perfect["bleu"], perfect["chrf"], perfect["degenerate_percent"], perfect["reasons"]) == (100, 100, 0, {})
    assert perfect["bleu_signature"].startswith("nrefs:1|")
    assert (perfect["direction"], perfect["sentences"]) == ("en-es", 2)
    mended = score(ScriptedEngine(right | {(PAIRS[0][0], "es"): [loop, PAIRS[0][1]]}), PAIRS, "en", "es")
    assert (mended["bleu"], mended["degenerate_percent"], mended["retried_percent"]) == (100, 0, 50)
    broken = score(ScriptedEngine(right | {(PAIRS[0][0], "es"): [loop]}), PAIRS, "en", "es")
    assert (broken["degenerate_percent"], broken["retried_percent"]) == (50, 50)
    assert broken["reasons"] == {"repeats itself": 1}


def test_the_base_is_shown_examples_and_stops_at_the_line(tiny_decoder):
    engine = Untrained(tiny_decoder, PAIRS, ("en", "es"))
    made = engine.translate(["The boats.", "My bread."], "en", "es", samples=1)
    assert [len(each) for each in made] == [2, 2]
    assert all("\n" not in one for each in made for one in each)
    assert engine.supports("en", "es")
    assert not engine.supports("es", "en")
    assert engine.pairs() == [("en", "es")]
    assert "examples:2" in engine.signature()
