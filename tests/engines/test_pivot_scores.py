"""Recorded scores: read, shown, and deciding which pivots are the default."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backspeak.engines import bundled, pivot_scores
from backspeak.engines.pivot_scores import PivotScores, default_pivots, recorded, table
from backspeak.errors import ModelError


def _way(direction: str, chrf: float, degenerate: float = 0.4) -> dict:
    return {
        "direction": direction, "sentences": 997, "bleu": chrf / 2, "bleu_signature": "nrefs:1|b", "chrf": chrf,
        "chrf_signature": "nrefs:1|c", "degenerate_percent": degenerate, "words_per_second": 31.4,
    }  # fmt: skip


def _scores(pivot: str, out: float, back: float, *, degenerate: float = 0.4, helped: float | None = None):
    return PivotScores(
        pivot, _way(f"en-{pivot}", out, degenerate), _way(f"{pivot}-en", back), judge_help=helped, judge_measure="AP"
    )


def test_the_weaker_way_decides():
    assert default_pivots([_scores("es", 47, 54), _scores("fr", 52, 53), _scores("de", 40, 60)]) == ["fr"]


def test_many_degenerate_translations_count_more_than_chrf():
    assert default_pivots([_scores("es", 47, 54), _scores("fr", 52, 53, degenerate=1.2)]) == ["es"]
    assert default_pivots([_scores("fr", 52, 53, degenerate=1.2)]) == ["fr"]


def test_help_to_the_judge_decides_where_it_was_measured():
    assert default_pivots([_scores("es", 47, 54, helped=0.02), _scores("fr", 52, 53)]) == ["es"]
    both = [_scores("es", 47, 54, helped=0.01), _scores("fr", 52, 53, helped=0.03), _scores("de", 60, 60, helped=-0.1)]
    assert default_pivots(both) == ["fr", "es"]


def test_a_pivot_without_scores_comes_last():
    assert default_pivots([PivotScores("de", None, None), _scores("es", 47, 54)]) == ["es"]
    assert default_pivots([PivotScores("de", None, None)]) == ["de"]
    assert default_pivots([]) == []


def _models(tmp_path: Path, **scores: object) -> Path:
    entries = [{"name": f"pivot-{pivot}", "pivot": pivot, "files": {}} for pivot in scores]
    (tmp_path / "manifest.json").write_text(json.dumps({"models": entries}), encoding="utf-8")
    for pivot, made in scores.items():
        (tmp_path / f"pivot-{pivot}").mkdir()
        if made is not None:
            (tmp_path / f"pivot-{pivot}" / "scores.json").write_text(json.dumps(made), encoding="utf-8")
    return tmp_path


def test_what_is_recorded_is_read(tmp_path):
    models = _models(tmp_path, es=None, fr=None)
    pivot_scores.record(models / "pivot-fr", {"directions": [_way("en-fr", 52), _way("fr-en", 53)]})
    pivot_scores.record(models / "pivot-fr", {"untrained": [_way("en-fr", 31)]})
    spanish, french = recorded(models)
    assert (spanish.pivot, spanish.sound, spanish.chrf) == ("es", False, 0.0)
    assert french.out is not None
    assert (french.pivot, french.sound, french.chrf, french.out["bleu"]) == ("fr", True, 52, 26)
    assert default_pivots(recorded(models)) == ["fr"]
    rows = table([spanish, french]).splitlines()
    assert rows[2].startswith("| en-es | not measured | not measured")
    assert rows[4] == ("| en-fr | 997 | 26.0 | 52.0 | 15.5 / 31.0 (997 sentences) | 0.4% | 31 | not measured | yes |")
    assert "- `BLEU nrefs:1|b`" in rows


@pytest.mark.parametrize("made", [[], {"directions": [{}]}, {"directions": [_way("en-fr", 52) | {"chrf": "x"}]}])
def test_damaged_scores_are_an_error_that_names_the_file(tmp_path, made):
    with pytest.raises(ModelError, match=r"scores\.json holds no scores"):
        recorded(_models(tmp_path, fr=made))


def test_the_default_of_this_installation_is_one_that_it_has():
    chosen = default_pivots()
    assert chosen
    assert set(chosen) <= set(bundled.pivots())
