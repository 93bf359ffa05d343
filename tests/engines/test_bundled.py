"""The embedded engine: what is shipped is verified, prepared once, mended when damaged, and does its work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backspeak import resources
from backspeak.engines import prepared
from backspeak.engines.base import Engine
from backspeak.engines.bundled import BundledEngine, Preparation, base_checksum, base_parts, pivots
from backspeak.errors import ModelError, SettingsError

# Natural wording first, then the same meaning as a careless translation has it.
PAIRS = [
    ("She made a mistake and apologised at once.", "She did a mistake and apologised at once."),
    ("The children went to bed early.", "The children went in the bed early."),
    ("He has worked at the bakery for ten years.", "He works at the bakery since ten years."),
    ("It depends on the weather.", "It depends from the weather."),
    ("We had a good time at the wedding.", "We passed a good time at the wedding."),
    ("The answer is quite simple.", "The answer is enough simple."),
    ("I look forward to seeing you.", "I look forward to see you."),
    ("They took a photo of the old mill.", "They did a photo of the old mill."),
    ("The road was closed because of heavy snow.", "The road was closed because of strong snow."),
    ("He asked me where I lived.", "He asked me where did I live."),
]


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> Path:
    """A copy of models/ that a test may spoil, and a cache of its own."""
    shutil.copytree(resources.models_dir(), tmp_path / "models")
    monkeypatch.setattr(resources, "models_dir", lambda: tmp_path / "models")
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "models"


def _flip_a_bit(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


# --- without the model ---


def test_it_is_an_engine():
    assert isinstance(BundledEngine(), Engine)


def test_the_signature_changes_with_the_weights(shipped):
    before = BundledEngine().signature()
    assert before.startswith("engine:bundled|")
    assert BundledEngine().signature() == before
    for name in ("base", "pivot-es"):
        manifest = json.loads((shipped / "manifest.json").read_text(encoding="utf-8"))
        (entry,) = (entry for entry in manifest["models"] if entry["name"] == name)
        changed = entry if name == "base" else entry["files"]["delta.safetensors"]
        changed["sha256"] = "f" * 64
        (shipped / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        assert BundledEngine().signature() != before, name
        before = BundledEngine().signature()


def test_the_pivots_are_those_of_the_manifest(shipped):
    manifest = json.loads((shipped / "manifest.json").read_text(encoding="utf-8"))
    assert "es" in pivots()
    manifest["models"].append({"name": "pivot-eo", "pivot": "eo", "files": {}})
    (shipped / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert pivots()[-1] == "eo"
    assert BundledEngine().supports("eo", "en")


def test_english_is_on_one_side():
    engine = BundledEngine()
    assert engine.supports("en", "es")
    assert engine.supports("es", "en")
    for pair in (("en", "en"), ("es", "es"), ("en", "tlh"), ("tlh", "es")):
        assert not engine.supports(*pair), pair


def test_an_unknown_pivot_is_an_error_that_names_what_there_is():
    with pytest.raises(SettingsError, match=r"no pivot 'tlh'.*there is .*\bes\b"):
        Preparation().pivot("tlh")
    with pytest.raises(SettingsError, match=r"does not translate en-tlh; it translates .*en-es, .*es-en"):
        BundledEngine().translate(["Rain fell."], "en", "tlh")


def test_the_base_may_be_a_file_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKSPEAK_BASE_GGUF", str(tmp_path / "base.gguf"))
    with pytest.raises(ModelError, match=r"BACKSPEAK_BASE_GGUF names .*base\.gguf, which is no file"):
        base_parts()
    (tmp_path / "base.gguf").write_bytes(b"no such luck")
    assert base_parts() == [tmp_path / "base.gguf"]


def test_another_base_is_refused(tmp_path, monkeypatch):
    """Adapters are differences to one base: on any other they would make noise."""
    (tmp_path / "base.gguf").write_bytes(b"GGUF but not ours")
    monkeypatch.setenv("BACKSPEAK_BASE_GGUF", str(tmp_path / "base.gguf"))
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match="the base model is damaged"):
        Preparation().language_model()
    assert list((tmp_path / "cache" / "bundled").iterdir()) == []
    assert (tmp_path / "base.gguf").exists()


def test_a_base_that_is_not_installed_is_an_error_with_the_pip_line(shipped, monkeypatch):
    monkeypatch.delenv("BACKSPEAK_BASE_GGUF", raising=False)
    manifest = json.loads((shipped / "manifest.json").read_text(encoding="utf-8"))
    (base,) = (entry for entry in manifest["models"] if entry["name"] == "base")
    base |= {"package": "no_such_base_model", "version": "7.0"}
    (shipped / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match=r"pip install no-such-base-model==7\.0, or set BACKSPEAK_BASE_GGUF"):
        base_parts()


def test_every_shipped_file_is_as_the_manifest_says():
    for entry in resources.manifest(resources.models_dir())["models"]:
        for name, facts in entry["files"].items():
            path = resources.models_dir() / entry["name"] / name
            assert path.stat().st_size == facts["bytes"], path
            assert resources.sha256(path) == facts["sha256"], path


def test_missing_models_are_an_error_with_the_mend(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "models_dir", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"manifest\.json is missing; reinstall backspeak"):
        pivots()


def test_blank_texts_are_not_asked_of_the_model(monkeypatch):
    class Echo:
        def count_tokens(self, text: str) -> int:
            return len(text.split())

        def continuations(self, prompts, *, max_tokens, beam_size, hypotheses):
            assert beam_size >= hypotheses
            return [
                [f"{prompt}|{limit}|{n}" for n in range(hypotheses)]
                for prompt, limit in zip(prompts, max_tokens, strict=True)
            ]

    engine = BundledEngine()
    monkeypatch.setattr(engine, "translator", lambda pivot: Echo())
    assert engine.translate(["", "Rain fell.", " \n"], "en", "es", samples=1) == [
        ["", ""],
        ["English: Rain fell.\nSpanish:|16|0", "English: Rain fell.\nSpanish:|16|1"],
        ["", ""],
    ]
    assert engine.translate(["Llovió."], "es", "en", samples=5)[0][5] == "Spanish: Llovió.\nEnglish:|14|5"


def test_a_long_sentence_is_translated_clause_by_clause(monkeypatch):
    asked: list[str] = []

    class Echo:
        def count_tokens(self, text: str) -> int:
            return 2 * len(text.split())

        def continuations(self, prompts, *, max_tokens, beam_size, hypotheses):
            texts = [prompt.split(": ", 1)[1].split("\n")[0] for prompt in prompts]
            asked.extend(texts)
            return [[f"{text.capitalize().rstrip(',')}." for _ in range(hypotheses)] for text in texts]

    engine = BundledEngine()
    monkeypatch.setattr(engine, "translator", lambda pivot: Echo())
    first = "the ferry had been late every single morning of that long and rainy winter,"
    second = "because the captain could never find the key of the engine room before nine."
    short = "it rained, and we stayed at home."
    made = engine.translate([f"{first} {second}", short], "en", "es", samples=1)
    assert asked == [first, second, short]
    assert made == [[f"{first.capitalize()} {second}."] * 2, [f"{short.capitalize()}."] * 2]


@pytest.mark.parametrize("name", ["base/text.model", "base/prompt.model", "pivot-es/delta.safetensors"])
def test_a_damaged_shipped_file_is_found(shipped, name):
    _flip_a_bit(shipped / name)
    with pytest.raises(ModelError, match=rf"{Path(name).name} is missing or damaged; reinstall backspeak"):
        Preparation().pivot("es") if name.startswith("pivot") else Preparation().language_model()
    assert list((resources.cache_dir() / "bundled").iterdir()) == []


# --- with the model ---


@pytest.mark.slow
def test_the_installed_base_is_the_one_that_the_manifest_names():
    assert base_checksum() == resources.model_entry("base")["sha256"]


@pytest.mark.slow
def test_the_language_model_prefers_natural_wording(embedded):
    model = embedded.language_model()
    natural = model.log_probabilities([""] * len(PAIRS), [pair[0] for pair in PAIRS])
    careless = model.log_probabilities([""] * len(PAIRS), [pair[1] for pair in PAIRS])
    assert (natural > careless).sum() >= 9, [pair for pair, ok in zip(PAIRS, natural > careless, strict=True) if not ok]


@pytest.mark.slow
def test_the_language_model_reads_languages_that_it_does_not_write(embedded):
    model = embedded.language_model()
    ours, other = model.token_scores(
        ["Russian: Кошка спит на подоконнике.\nEnglish:", "Russian: Поезд опоздал на два часа.\nEnglish:"],
        [" The cat is asleep on the windowsill."] * 2,
    )
    assert ours.log_probability.sum() > other.log_probability.sum() + 5


@pytest.mark.slow
def test_a_prepared_model_is_used_again(embedded, monkeypatch):
    def refuse(*_):
        raise AssertionError("made again")

    monkeypatch.setattr(prepared, "build", refuse)
    folder = Preparation(notice=refuse).language_model()
    assert prepared.facts(folder)["name"] == "language-model"
    assert prepared.damage(folder) is None


@pytest.mark.slow
def test_a_damaged_cache_is_found_and_made_again(embedded):
    embedded.translator("es")
    folder = Preparation().pivot("es")
    _flip_a_bit(folder / "model.bin")
    notices: list[str] = []
    steps: list[tuple[int, int, str]] = []
    again = Preparation(lambda *step: steps.append(step), notices.append).pivot("es")
    assert again == folder
    assert prepared.damage(folder) is None
    assert notices == ["the cached pivot-es is damaged (model.bin has changed); making it again"]
    assert {what for _, _, what in steps} == {"verifying the base of pivot-es", "preparing pivot-es"}
    assert all(0 < done <= total for done, total, _ in steps)
    assert steps[-1][0] == steps[-1][1]


@pytest.mark.slow
def test_simple_sentences_survive_the_round_trip(embedded):
    texts = [
        "The doctor arrived at the hospital in the morning.",
        "My brother bought a new car last year.",
        "The government wants to build two hundred houses.",
    ]
    spanish = [each[0] for each in embedded.translate(texts, "en", "es")]
    english = [each[0] for each in embedded.translate(spanish, "es", "en")]
    for text, there, back in zip(texts, spanish, english, strict=True):
        words = set(text.lower().strip(".").split())
        assert len(words & set(there.lower().strip(".").split())) <= 2, there
        assert len(words & set(back.lower().strip(".").split())) >= 0.6 * len(words), back


@pytest.mark.slow
def test_translations_do_not_depend_on_the_batch(embedded):
    texts = [
        "The baker is asleep.",
        "",
        "Nobody knows where the old key is.",
        "A dog barks.",
        "The river is cold today, and the ferry leaves an hour later than it did last winter.",
        "Two farmers complained that the new road had cut their orchard in half.",
        "She has been learning to play the cello since she retired from the post office.",
        "The committee will not decide before the end of March whether the library stays open.",
        "Our neighbours keep bees.",
        "After the storm the beach was covered with wood, rope and broken lobster pots.",
        "He promised to repair the roof, but the ladder was too short and he was afraid of heights.",
        "Prices of olive oil have doubled in three years because of the drought.",
    ]
    together = embedded.translate(texts, "en", "es", samples=2)
    assert [len(each) for each in together] == [3] * len(texts)
    assert together[1] == ["", "", ""]
    assert all(len(set(each)) > 1 for each in together if each[0])
    assert embedded.translate(texts[::-1], "en", "es", samples=2)[::-1] == together
    assert [embedded.translate([text], "en", "es", samples=2)[0] for text in texts] == together


@pytest.mark.slow
def test_daily_use_does_not_import_torch(embedded, prepared_cache):
    embedded.translator("es")
    program = """
import sys
from backspeak.engines.bundled import BundledEngine
engine = BundledEngine(threads=1)
engine.language_model().log_probabilities([""], ["Rain fell."])
assert engine.translate(["Rain fell."], "en", "es")[0][0]
print(sorted({"torch", "transformers", "gguf"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "BACKSPEAK_CACHE": str(prepared_cache)},
    )
    assert done.stdout.strip() == "[]", done.stderr
