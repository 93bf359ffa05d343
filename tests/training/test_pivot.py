"""Training of a pivot: what is learned from, that it learns, goes on where it stopped, and is found afterwards."""

from __future__ import annotations

import json
import lzma
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")

from backspeak import resources  # noqa: E402
from backspeak.cli.models import command as models_command  # noqa: E402
from backspeak.engines import bundled, delta, gemma  # noqa: E402
from backspeak.engines.bundled import BundledEngine, Preparation  # noqa: E402
from backspeak.engines.vocabulary import sentencepiece_model  # noqa: E402
from backspeak.errors import InputError, SettingsError  # noqa: E402
from backspeak.training import pivot as training  # noqa: E402

ENGLISH = [
    "The lighthouse keeper counts the boats.",
    "My grandmother bakes bread.",
    "A tired teacher waits for the last bus.",
    "The children carry wooden boxes.",
]
RUSSIAN = [
    "Смотритель маяка считает лодки.",
    "Бабушка печёт хлеб.",
    "Усталый учитель ждёт последний автобус.",
    "Дети несут деревянные ящики.",
]


class TinyBase:
    """A tiny Gemma in the place of the GGUF file."""

    def __init__(self, tiny) -> None:
        self._tiny = tiny
        self.shape, self.pieces = tiny.shape, tiny.pieces

    def tensor(self, name: str) -> np.ndarray:
        return self._tiny.weights[name].copy()

    def embeddings(self, ids) -> np.ndarray:
        return self._tiny.embedding[np.asarray(ids)].copy()

    def layer_names(self) -> list[str]:
        return sorted(self._tiny.weights)


@pytest.fixture
def base(tiny_gemma) -> TinyBase:
    torch.set_num_threads(1)
    return TinyBase(tiny_gemma)


@pytest.fixture
def shipped(tiny_gemma, tmp_path) -> Path:
    """The vocabulary for English and Spanish."""
    path = tmp_path / "text.model"
    path.write_bytes(sentencepiece_model(tiny_gemma.pieces, range(tiny_gemma.text_tokens)))
    return path


def _write(path: Path, records: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


@pytest.fixture
def data(tmp_path) -> Path:
    """Six copies of four pairs for training, one set that is misaligned, and a test set."""
    records = []
    for source, target in zip(ENGLISH, RUSSIAN, strict=True):
        records += [{"set": "wmt13", "source": source, "targets": {"google": target, "human": target}}] * 6
        records.append({"set": "wmt14", "source": source, "targets": {"human": "Чужая строка."}})
        records.append({"set": "flores-dev", "source": source, "targets": {"google": target, "human": target}})
    _write(tmp_path / "data" / "parallel" / "en-ru.jsonl.xz", records)
    back = [
        {"set": "wmt13", "source": russian, "targets": {"human": english}}
        for english, russian in zip(ENGLISH, RUSSIAN, strict=True)
    ]
    _write(tmp_path / "data" / "parallel" / "ru-en.jsonl.xz", [*back, *back])
    return tmp_path / "data"


# --- what is learned from ---


def test_machine_targets_come_first_and_human_ones_stand_in(data):
    assert training.default_portions("ru", data) == [
        training.Portion("parallel/en-ru.jsonl.xz", "google"),
        training.Portion("parallel/en-ru.jsonl.xz", "google", reverse=True),
        training.Portion("parallel/ru-en.jsonl.xz", "human"),
    ]


def test_a_language_of_which_only_the_test_set_is_there_cannot_be_trained(data):
    _write(
        data / "parallel" / "en-uk.jsonl.xz",
        [{"set": "flores-dev", "source": "Rain fell.", "targets": {"human": "Падав дощ."}}],
    )
    with pytest.raises(InputError, match="no sentences of uk outside flores-dev"):
        training.default_portions("uk", data)


def test_misaligned_targets_and_the_test_set_are_left_out(data):
    recipe = training.PivotRecipe("ru", [training.Portion("parallel/en-ru.jsonl.xz", "human")])
    pairs = training.read_pairs(recipe, data)
    assert len(pairs) == 24
    assert {pair[3] for pair in pairs} == set(RUSSIAN)
    swapped = replace(recipe, portions=[training.Portion("parallel/en-ru.jsonl.xz", "google", reverse=True)])
    assert training.read_pairs(swapped, data)[0] == ("ru", RUSSIAN[0], "en", ENGLISH[0])


def test_a_recipe_may_name_several_languages(tmp_path):
    path = tmp_path / "recipe.json"
    path.write_text('{"languages": ["fr", "de"], "max_steps": 30}', encoding="utf-8")
    assert [(each.pivot, each.max_steps) for each in training.read_recipes(path)] == [("fr", 30), ("de", 30)]
    path.write_text('{"pivot": "es", "portions": [{"file": "parallel/en-es.jsonl.xz", "target": "google"}]}')
    (only,) = training.read_recipes(path)
    assert only.portions == [training.Portion("parallel/en-es.jsonl.xz", "google")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"pivot": "fr", "speed": 3}', "a recipe has no speed"),
        ('{"max_steps": 3}', "no recipe"),
        ("[]", "no recipe"),
        ("{", "no recipe"),
    ],
)
def test_what_is_no_recipe_is_an_error_that_names_the_file(tmp_path, text, message):
    path = tmp_path / "recipe.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        training.read_recipes(path)
    assert "recipe.json" in str(error.value)


def test_a_language_without_a_name_cannot_be_trained():
    with pytest.raises(SettingsError, match=r"no pivot 'tlh' can be trained; there is .*cs.*zh"):
        training.PivotRecipe("tlh")


@pytest.mark.parametrize("language", ["cs", "de", "fr", "it", "pl", "pt", "ru", "tr", "uk", "zh", "ar", "es"])
def test_every_language_of_the_data_has_a_name(language):
    assert training.PivotRecipe(language).pivot == language


def test_a_language_that_the_vocabulary_spells_in_bytes_gets_its_own(base, shipped, data, tmp_path):
    recipe = training.PivotRecipe("ru", training.default_portions("ru", data))
    own = training.vocabulary(base, shipped, training.read_pairs(recipe, data))
    assert own is not None
    (tmp_path / "own.model").write_bytes(own)
    ids = bundled.piece_ids(base, tmp_path / "own.model")
    assert len(ids) == len(set(ids))
    import sentencepiece

    mine = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "own.model"))
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(shipped))
    assert len(mine.encode(RUSSIAN[0])) < len(theirs.encode(RUSSIAN[0]))
    assert mine.encode(ENGLISH[0], out_type=str) == theirs.encode(ENGLISH[0], out_type=str)
    spanish = [("en", "Rain fell.", "es", "El guardián cuenta los barcos.")]
    assert training.vocabulary(base, shipped, spanish) is None


# --- training ---


def _recipe(data: Path, **changes) -> training.PivotRecipe:
    fields = {
        "pivot": "ru",
        "portions": training.default_portions("ru", data),
        "learning_rate": 3e-3,
        "warmup_steps": 3,
        "tokens_per_step": 256,
        "tokens_per_batch": 256,
        "epochs": 30,
        "max_steps": 30,
    }
    return training.PivotRecipe(**fields | changes)


def _losses(lines: list[str]) -> list[float]:
    return [float(line.split(" loss ")[1].split()[0]) for line in lines if " loss " in line]


def _trained(recipe, data, base, shipped, work, models, **options) -> list[str]:
    lines: list[str] = []
    training.rebuild(recipe, data, base, shipped, work, models, lines.append, device="cpu", compiled=False, **options)
    return lines


def test_it_learns_says_how_fast_and_stops_at_the_last_step(data, base, shipped, tmp_path):
    lines = _trained(_recipe(data), data, base, shipped, tmp_path / "work", tmp_path / "models")
    losses = _losses(lines)
    assert losses[-1] < losses[0] - 0.3
    assert lines[-1].startswith("ru step 30/30 ")
    assert all(word in lines[-1] for word in ("tokens/s ", "ETA 0:00:00"))
    assert json.loads(lines[0])["device"] == "cpu"


def test_a_stopped_training_goes_on_as_if_it_had_not_stopped(data, base, shipped, tmp_path):
    recipe = _recipe(data, max_steps=12)
    _trained(recipe, data, base, shipped, tmp_path / "whole", tmp_path / "a")
    stopped = _trained(recipe, data, base, shipped, tmp_path / "parts", tmp_path / "b", max_seconds=1e-6)
    assert "stopped at step 1" in stopped[-1]
    assert not (tmp_path / "b").exists()
    rest = _trained(recipe, data, base, shipped, tmp_path / "parts", tmp_path / "b")
    assert json.loads(rest[0])["from"] == 1
    for name in ("delta.safetensors", "text.model", "recipe.json", "card.md", "entry.json"):
        assert (tmp_path / "a" / "pivot-ru" / name).read_bytes() == (tmp_path / "b" / "pivot-ru" / name).read_bytes()


def test_a_checkpoint_of_another_recipe_is_refused(data, base, shipped, tmp_path):
    _trained(_recipe(data, max_steps=2), data, base, shipped, tmp_path / "work", tmp_path / "models")
    with pytest.raises(SettingsError, match="another recipe"):
        _trained(_recipe(data, max_steps=3), data, base, shipped, tmp_path / "work", tmp_path / "models")


def test_what_was_learned_is_what_is_shipped(data, base, shipped, tmp_path):
    _trained(_recipe(data), data, base, shipped, tmp_path / "work", tmp_path / "models")
    folder = tmp_path / "models" / "pivot-ru"
    state = torch.load(tmp_path / "work" / "checkpoint.pt", weights_only=True)
    adapter = delta.Delta(*delta.files(folder))
    for name in gemma.linear_names(base.shape):
        learned = state["linear"][training.key(name)].numpy() - base.tensor(name)
        kept = adapter.apply(name, base.tensor(name)) - base.tensor(name)
        assert np.abs(learned).max() > 0
        assert np.square(kept - learned).sum() < 0.2 * np.square(learned).sum(), name


# --- rewriting beside translation ---


def test_a_recipe_may_hold_a_rewriter(tmp_path):
    path = tmp_path / "recipe.json"
    path.write_text('{"pivot": "es", "most_pairs": 40, "rewriting": {"clean": 7}, "goes_on_from": "pivot-es"}')
    (recipe,) = training.read_recipes(path)
    assert recipe.rewriting == training.RewritingRecipe(clean=7)
    assert (recipe.most_pairs, recipe.goes_on_from) == (40, "pivot-es")
    path.write_text('{"pivot": "es", "rewriting": {"speed": 7}}')
    with pytest.raises(InputError, match=r"no recipe .*speed"):
        training.read_recipes(path)


def test_fewer_pairs_are_a_draw_from_all(data):
    whole = training.read_pairs(_recipe(data), data)
    drawn = training.read_pairs(_recipe(data, most_pairs=20), data)
    assert len(drawn) == 20 < len(whole)
    assert set(drawn) <= set(whole)
    assert len({pair[0] for pair in drawn}) == 2
    assert drawn == training.read_pairs(_recipe(data, most_pairs=20), data)


def test_a_rewriter_needs_wordnet(data, base, shipped, tmp_path):
    recipe = _recipe(data, rewriting=training.RewritingRecipe())
    with pytest.raises(SettingsError, match="--wordnet"):
        _trained(recipe, data, base, shipped, tmp_path / "work", tmp_path / "models")


def test_a_rewriter_is_trained_beside_the_translator(data, base, shipped, tmp_path, monkeypatch):
    asked = []

    def pairs(recipe, *where):
        asked.append((recipe, *where))
        return [(text.replace("the", "a"), text) for text in ENGLISH] * 4

    monkeypatch.setattr(training.rewriting, "pairs", pairs)
    recipe = _recipe(data, rewriting=training.RewritingRecipe(clean=9), max_steps=3)
    models, works = tmp_path / "models", training.ReferenceWorks(tmp_path)
    lines = _trained(recipe, data, base, shipped, tmp_path / "work", models, works=works)
    assert asked == [(recipe.rewriting, data, works, recipe.exclude_sets)]
    without = _trained(replace(recipe, rewriting=None), data, base, shipped, tmp_path / "other", tmp_path / "b")
    assert json.loads(lines[0])["examples"] == json.loads(without[0])["examples"] + 4 * len(ENGLISH)
    monkeypatch.setattr(resources, "models_dir", lambda: models)
    (models / "manifest.json").write_text('{"models": []}', encoding="utf-8")
    assert bundled.rewriting_pivot() == "ru"
    monkeypatch.setattr(resources, "models_dir", lambda: tmp_path / "b")
    (tmp_path / "b" / "manifest.json").write_text('{"models": []}', encoding="utf-8")
    assert bundled.pivots() == ["ru"]
    assert bundled.rewriting_pivot() is None


def test_training_goes_on_from_a_shipped_adapter(data, base, shipped, tmp_path, monkeypatch):
    models = tmp_path / "models"
    learned = _losses(_trained(_recipe(data), data, base, shipped, tmp_path / "work", models))
    monkeypatch.setattr(resources, "models_dir", lambda: models)
    recipe = _recipe(data, goes_on_from="pivot-ru", max_steps=2)
    goes_on = _losses(_trained(recipe, data, base, shipped, tmp_path / "more", tmp_path / "b"))
    assert goes_on[0] < (learned[0] + learned[-1]) / 2


# --- a folder placed in models/ ---


def test_a_trained_folder_is_found_verified_and_used(data, base, shipped, tmp_path, monkeypatch):
    """Without a line in the manifest, and with the vocabulary that it brings."""
    _trained(_recipe(data), data, base, shipped, tmp_path / "work", tmp_path / "out")
    models = tmp_path / "models"
    shutil.copytree(resources.models_dir() / "base", models / "base")
    manifest = resources.manifest(resources.models_dir())
    manifest["models"] = [entry for entry in manifest["models"] if entry["name"] == "base"]
    (models / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shutil.copytree(tmp_path / "out" / "pivot-ru", models / "pivot-ru")
    monkeypatch.setattr(resources, "models_dir", lambda: models)
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(Preparation, "_assemble", lambda self, path, entry, name: path)
    monkeypatch.setattr(gemma, "GgufModel", lambda path: base)

    monkeypatch.setattr(bundled, "base_checksum", lambda: manifest["models"][0]["sha256"])
    listed = CliRunner().invoke(models_command, ["list"])
    assert "pivot-ru" in listed.output
    assert "English <-> Russian" in listed.output
    assert "ok      pivot-ru/delta.safetensors" in CliRunner().invoke(models_command, ["verify"]).output
    assert bundled.pivots() == ["ru"]
    engine = BundledEngine(threads=1)
    assert engine.supports("ru", "en")
    assert "ru:" in engine.signature()
    ((russian, *_),) = engine.translate([ENGLISH[0]], "en", "ru")
    assert isinstance(russian, str)
    prepared = Preparation().pivot("ru")
    assert (prepared / "text.model").read_bytes() == (models / "pivot-ru" / "text.model").read_bytes()
    untrained = Preparation().untrained("ru")
    assert (untrained / "model.bin").read_bytes() != (prepared / "model.bin").read_bytes()
    assert (untrained / "text.model").read_bytes() == (prepared / "text.model").read_bytes()

    damaged = models / "pivot-ru" / "delta.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    assert "DAMAGED pivot-ru/delta.safetensors" in CliRunner().invoke(models_command, ["verify"]).output
    shutil.rmtree(tmp_path / "cache")
    with pytest.raises(bundled.ModelError, match=r"delta\.safetensors is missing or damaged"):
        Preparation().pivot("ru")


def test_a_folder_that_describes_another_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text('{"models": []}', encoding="utf-8")
    (tmp_path / "pivot-fr").mkdir()
    (tmp_path / "pivot-fr" / "entry.json").write_text('{"name": "base", "files": {}}', encoding="utf-8")
    with pytest.raises(bundled.ModelError, match=r"entry\.json does not describe its folder"):
        resources.manifest(tmp_path)
