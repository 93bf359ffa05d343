"""What gain and guard alone find, counted on texts whose errors are known."""

from __future__ import annotations

import json

import pytest

from backspeak.data import Proposal
from backspeak.engines.scripted import ScriptedEngine
from backspeak.errors import InputError
from backspeak.evaluation import contrast as evaluation
from backspeak.evaluation.contrast import Text, figures, read_pairs

BAD = "She did a mistake in the long letter."
GOOD = "She made a mistake in the long letter."


def _proposal(text: str, words: str, replacement: str, gain: float, guard: float = 0.0) -> Proposal:
    start = text.index(words)
    return Proposal(start, start + len(words), replacement, "es", 1, 3, gain, 0.0, guard)


def test_proposals_are_right_where_they_touch_an_error():
    bad = Text(BAD, ((4, 7),), (_proposal(BAD, "did", "made", 5.0, -1.0), _proposal(BAD, "long", "tall", 2.5, -9.0)))
    clean = Text(GOOD, (), (_proposal(GOOD, "letter", "note", 4.5, 1.0),))
    found = figures([bad, Text(BAD, ((4, 7),))], [clean])
    assert (found["errors"], found["proposals"], found["clean_words"]) == (2, 3, 8)
    assert found["on_an_error"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["average_precision"]["gain"] == 1.0
    assert found["average_precision"]["guard"] == 0.5
    rules = found["rules"]
    assert rules["gain >= 4"] == {"precision": 1.0, "recall": 0.5, "clean_per_1000_words": 125.0}
    assert rules["gain >= 2"] == {"precision": 0.5, "recall": 0.5, "clean_per_1000_words": 125.0}
    assert rules["gain >= 6"] == {"precision": None, "recall": 0.0, "clean_per_1000_words": 0.0}
    assert rules["gain >= 4, guard >= 0"]["recall"] == 0.0


def test_nothing_proposed_is_nothing_found():
    assert figures([Text(BAD, ((4, 7),))], [Text(GOOD)])["average_precision"]["gain"] is None


def test_pairs_are_spread_over_the_table(tmp_path):
    path = tmp_path / "pairs.tsv"
    rows = [f"{n}\tru\tIt did {n} a mess, did it.\tIt made {n} a mess.\tdid|mess" for n in range(10)]
    path.write_text("\n".join(["id\tsource_lang\tbad\tgood\tbad_words", *rows]) + "\n", encoding="utf-8")
    bad, good = read_pairs(path, 3)
    assert [each.text.split()[2] for each in bad] == ["0", "3", "6"]
    assert [bad[0].text[start:end] for start, end in bad[0].errors] == ["did", "mess"]
    assert good[1].text == "It made 3 a mess."
    path.write_text("bad\tgood\nx\ty\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns bad, good and bad_words"):
        read_pairs(path)


def test_every_pivot_is_measured_and_all_together(scripted_embedded):
    spanish, german = "Cometió un error en la larga carta de ayer.", "Sie machte einen Fehler in dem langen Brief."
    script = {
        (BAD, "es"): [spanish], (spanish, "en"): [GOOD.replace("made", "put")],
        (BAD, "de"): [german], (german, "en"): [GOOD],
    }  # fmt: skip
    embedded = scripted_embedded(script)
    made = evaluation.weighed([Text(BAD, ((4, 7),))], embedded, ["es", "de"], embedded)
    assert {name: [each.replacement for each in texts[0].proposals] for name, texts in made.items()} == {
        "es": ["put"], "de": ["made"], "all": ["made", "put"],
    }  # fmt: skip
    assert made["es"][0].proposals[0].gain == 1.0
    plain = evaluation.weighed([Text(BAD)], ScriptedEngine(script), ["es"], embedded)
    assert list(plain) == ["es"]
    assert json.dumps(figures(made["all"], []))
