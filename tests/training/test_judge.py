"""Fitting the judge on a tiny encoder: what is written is what the judge reads."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from backspeak.data import Findings, Segment
from backspeak.evidence.words import word_offsets
from backspeak.judge import Judge
from backspeak.judge.encoder import VOCABULARY, WEIGHTS, Encoder
from backspeak.training import examples
from backspeak.training import judge as training
from backspeak.training.bert_torch import E5, Bert, export, vocabulary
from backspeak.training.corruption import Corrupter, wordnet_synonyms

RECIPE = training.JudgeRecipe(iterations=20, leaves=4, bags=1)


@pytest.fixture(scope="module")
def fitted(packed_e5, data_folder, wordnet_folder, tmp_path_factory):
    """A folder with a judge, and the scores that its fit returned."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BACKSPEAK_CACHE", str(tmp_path_factory.mktemp("cache")))
    folder = tmp_path_factory.mktemp("judge")
    e5 = E5.read(packed_e5)
    keep = list(range(len(e5.pieces) - 1))
    export(Bert(e5, keep, 0.0), e5, keep, folder / WEIGHTS)
    (folder / VOCABULARY).write_bytes(vocabulary(e5, keep))
    english = examples.clean_english(data_folder, 1)
    corrupter = Corrupter([each.text for each in english] * 4, wordnet_synonyms(wordnet_folder), 1)
    found = [
        *examples.mlqe(data_folder, "dev"),
        *list(examples.clean(english)) * 4,
        *examples.corrupted(english * 4, corrupter),
    ]
    read = training.read_only(found, Encoder(folder, threads=1))
    lines: list[str] = []
    scores = training.fit(training.Table.of(read, RECIPE), RECIPE, ["de", "ru"], folder, lines.append)
    yield folder, scores
    patch.undo()


def test_the_written_judge_judges(fitted):
    judge = Judge(fitted[0], threads=1)
    text = "The beacon watcher considers boats every evening."
    findings = [
        Findings(Segment("d", str(n), text, source, "ru"), word_offsets(text)) for n, source in enumerate([None, "Да."])
    ]
    verdicts = judge.judge(findings)
    for verdict in verdicts:
        assert ((verdict.word_probability >= 0) & (verdict.word_probability <= 1)).all()
        assert 0 <= verdict.error_probability <= 1
        assert 0 <= verdict.quality <= 100
    assert set(findings[0].opinions) == {"alone"}
    assert set(findings[1].opinions) == {"alone", "source"}
    point = judge.operating_point()
    assert point.minor <= point.major <= point.critical
    sensitive = judge.operating_point(sensitive=True)
    assert sensitive.minor <= point.minor
    assert set(sensitive.minor_by_language) <= set(examples.MLQE_PAIRS)
    assert sensitive.minor_by_language
    assert max(sensitive.minor_by_language.values()) <= point.minor


def test_a_source_in_an_unknown_language_is_not_read(fitted):
    judge = Judge(fitted[0], threads=1)
    findings = Findings(Segment("d", "1", "Boats sink.", "Laivat uppoavat.", "fi"), word_offsets("Boats sink."))
    judge.judge([findings])
    assert set(findings.opinions) == {"alone"}
    assert judge.reads("ru-RU")
    assert judge.reads(None)
    assert not judge.reads("fi")


def test_the_scores_say_how_it_was_measured(fitted):
    folder, scores = fitted
    assert json.loads((folder / "recipe.json").read_text())["recipe"]["seed"] == RECIPE.seed
    assert set(scores["folds"]) == set(training.MODES)
    assert scores["folds"]["text"]["ro"]["segments"] == 8
    assert scores["folds"]["text"]["mean_mcc"] <= 1
    shares = [row["share"] for row in scores["reliability"]["words"]]
    assert sum(shares) == pytest.approx(1.0, abs=0.01)
    for name in ("reliability.svg", "length.svg"):
        assert (folder / name).read_text().lstrip().startswith("<?xml")


def test_no_sentence_is_in_two_folds(data_folder):
    found = list(examples.mlqe(data_folder, "dev"))
    table = training.Table.of(
        [(each, [Findings(each.segment, word_offsets(each.segment.text))] * 2) for each in found], RECIPE
    )
    folds = dict(zip((each.segment.text for each in table.examples), table.folds(), strict=True))
    assert [folds[each.segment.text] for each in table.examples] == table.folds().tolist()
    assert len(set(folds.values())) > 1
    assert table.weights().sum() == pytest.approx(len(found))


def test_calibration_rises_and_is_right():
    random = np.random.default_rng(4)
    raw = random.uniform(0, 1, 20_000)
    truth = random.uniform(0, 1, 20_000) < raw**2
    curve = training._calibration(raw, truth, np.ones(20_000))
    said = training.calibrated(raw, curve)
    for low in np.arange(0, 1, 0.1):
        mine = (raw >= low) & (raw < low + 0.1)
        assert abs(said[mine].mean() - truth[mine].mean()) < 0.04
    assert (np.diff(curve["calibrated"]) >= 0).all()
    assert len(set(curve["calibrated"])) > 100


def test_the_round_trip_is_made_for_its_share_and_no_other_sentence(scripted_embedded, data_folder, monkeypatch):
    def script(text: str, source_lang: str, target_lang: str) -> list[str]:
        return [f"{text} again"]

    embedded = scripted_embedded(script)
    monkeypatch.setattr(training, "BundledEngine", lambda: embedded)
    found = {"mlqe": list(examples.mlqe(data_folder, "dev")), "clean": [], "corrupted": [], "pairs": []}
    recipe = training.JudgeRecipe(deep_per_pair=8, round_trip_share=0.5)
    collected = training.gather(recipe, found, ["es"], lambda line: None)
    chosen = [training.share("share" + example.segment.text) < 0.5 for example, _ in collected]
    assert {True, False} == set(chosen)
    for (_, modes), drawn in zip(collected, chosen, strict=True):
        names = ["text+likelihood", "source+likelihood"]
        assert [training.mode_name(findings) for findings in modes] == [
            *names, *(["text+round trip", "source+round trip"] if drawn else []),
        ]  # fmt: skip
    out = [text for call in embedded.calls if call.target_lang == "es" for text in call.texts]
    assert sorted(set(out)) == sorted(
        {e.segment.text for (e, _), drawn in zip(collected, chosen, strict=True) if drawn}
    )
