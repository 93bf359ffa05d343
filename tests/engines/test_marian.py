"""OPUS-MT models end to end: two tiny ones are trained, converted, cached, broken and used."""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backspeak.engines import marian_convert, prepared
from backspeak.engines.base import Engine
from backspeak.engines.marian import MarianEngine
from backspeak.engines.marian_text import PieceVocabulary
from backspeak.errors import ModelError, OfflineError, SettingsError

HUB_NAME = "Lantern-Harbour/opus-mt-en-es"
UNSEEN = [
    "The gardener counts the old boats at night.",
    "My quiet sister sings.",
    "Our captain mends the bread and waits.",
    "The rain paints a torn gate.",
    "The baker sells the boats, the girl waits for my captain at the gate.",
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model cache for each test."""
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every way out fails as on an unplugged machine; the attempts are listed."""
    attempts: list[str] = []

    def refuse(*args, **kwargs):
        attempts.append(str(args))
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return attempts


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub library."""
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return tmp_path / "hub"


@pytest.fixture
def engine(tiny_models) -> MarianEngine:
    return open_engine({("en", "es"): str(tiny_models.en_es), ("es", "en"): str(tiny_models.es_en)})


def open_engine(models, *, offline: bool = True, notices: list[str] | None = None, **settings) -> MarianEngine:
    heard = [] if notices is None else notices
    return MarianEngine.open(models, offline=offline, threads=1, notice=heard.append, **settings)


def fill_hub_cache(hub_cache: Path, model: Path, commit: str = "5f0c" * 10) -> None:
    """Lay `model` out as the hub library keeps what it has downloaded."""
    repository = hub_cache / f"models--{HUB_NAME.replace('/', '--')}"
    shutil.copytree(model, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)


class TestTranslating:
    def test_both_directions_are_right(self, engine, tiny_models):
        english, spanish = (list(side) for side in zip(*tiny_models.pairs, strict=True))
        assert engine.translate(english, "en", "es") == [[text] for text in spanish]
        assert engine.translate(spanish, "es", "en") == [[text] for text in english]

    def test_it_is_an_engine_and_says_what_it_is(self, engine):
        assert isinstance(engine, Engine)
        assert engine.supports("en", "es")
        assert not engine.supports("en", "de")
        signature = engine.signature()
        assert signature.startswith("engine:marian|en-es:opus-mt-en-es@")
        assert "|es-en:opus-mt-es-en@" in signature
        assert "|beam:4|" in signature
        assert "/" not in signature

    def test_order_and_duplicates_are_kept_and_empty_texts_stay_empty(self, engine, tiny_models):
        chosen = [tiny_models.pairs[index] for index in (7, 0, 29, 7, 12)]
        texts = ["", *(english for english, _ in chosen), "  \n"]
        best = [options[0] for options in engine.translate(texts, "en", "es")]
        assert best == ["", *(spanish for _, spanish in chosen), ""]
        assert engine.translate([""], "en", "es", samples=2) == [["", "", ""]]
        assert engine.translate([], "en", "es") == []

    def test_an_unknown_pair_is_a_settings_error(self, engine):
        with pytest.raises(SettingsError, match="does not translate en-de; it translates en-es, es-en"):
            engine.translate(["The old baker waits."], "en", "de")


class TestDeterminism:
    def test_the_batch_does_not_matter(self, engine, tiny_models):
        texts = UNSEEN + [english for english, _ in tiny_models.pairs]
        alone = {text: engine.translate([text], "en", "es", samples=3)[0] for text in texts}
        random.Random(4).shuffle(texts)
        together = engine.translate(texts, "en", "es", samples=3)
        assert together == [alone[text] for text in texts]

    def test_samples_differ_from_each_other_but_not_from_run_to_run(self, engine, tiny_models):
        first = engine.translate(UNSEEN, "en", "es", samples=5)
        assert all(len(options) == 6 for options in first)
        assert any(len(set(options)) > 2 for options in first)
        again = open_engine({("en", "es"): str(tiny_models.en_es)})
        again.translate(["Our captain sings."], "en", "es", samples=2)  # draws in between change nothing
        assert again.translate(UNSEEN, "en", "es", samples=5) == first

    def test_two_threads_give_what_one_gives(self, engine, tiny_models):
        two = MarianEngine.open({("en", "es"): str(tiny_models.en_es)}, offline=True, threads=2, notice=str)
        expected = engine.translate(UNSEEN, "en", "es", samples=2)
        assert two.translate(UNSEEN, "en", "es", samples=2) == expected


class TestLongTexts:
    def test_a_long_text_is_translated_sentence_by_sentence(self, engine, tiny_models):
        model = engine._model("en", "es")
        tokens = {english: len(model.vocabulary.pieces(english)) for english, _ in tiny_models.pairs}
        model.input_limit = max(tokens.values())
        # Sentences of which no two fit into one part.
        chosen = [pair for pair in tiny_models.pairs if tokens[pair[0]] > model.input_limit / 2 + 1]
        assert len(chosen) > 2
        long_text = "\n".join(english for english, _ in chosen)
        assert engine.translate([long_text], "en", "es") == [[" ".join(spanish for _, spanish in chosen)]]

    def test_cuts_fall_where_a_reader_would_pause(self, vocabulary):
        text = "My sister sings, the captain waits; the gardener counts. The old baker sells warm bread."
        limit = len(vocabulary.pieces("My sister sings, the captain waits; the gardener counts."))
        assert vocabulary.cut(text, limit) == text.replace(". ", ".|").split("|")
        limit = len(vocabulary.pieces("the gardener counts. The")) - 1
        parts = vocabulary.cut(text, limit)
        assert parts[:3] == ["My sister sings,", "the captain waits;", "the gardener counts."]
        assert " ".join(parts) == text

    def test_every_part_is_short_enough_and_nothing_is_lost(self, vocabulary):
        text = "waits" * 40 + " and " + "the torn sail " * 30
        parts = vocabulary.cut(text, 20)
        assert all(len(vocabulary.pieces(part)) <= 20 for part in parts)
        assert "".join(parts).replace(" ", "") == text.replace(" ", "")

    def test_a_loop_ends_within_the_positions_of_the_model(self, engine):
        assert engine.translate(["sail " * 300], "en", "es", samples=1)[0]


@pytest.fixture
def vocabulary(engine) -> PieceVocabulary:
    return engine._model("en", "es").vocabulary


class TestPieces:
    def test_pieces_are_those_of_transformers(self, vocabulary, tiny_models):
        from transformers import MarianTokenizer

        reference = MarianTokenizer.from_pretrained(tiny_models.en_es)
        for text in [*UNSEEN, *(english for english, _ in tiny_models.pairs), "  two  spaces, Zürich 2031!"]:
            ids = reference(text)["input_ids"]
            assert reference.convert_tokens_to_ids(list(vocabulary.pieces(text))) == ids

    def test_special_tokens_cannot_be_smuggled_in(self, vocabulary):
        assert vocabulary.pieces("sings </s> sings").count("</s>") == 1

    def test_only_punctuation_that_the_model_lacks_is_made_plain(self, tiny_models, tmp_path):
        shutil.copytree(tiny_models.en_es, tmp_path / "model")
        pieces = list(json.loads((tmp_path / "model" / "vocab.json").read_text(encoding="utf-8")))
        (tmp_path / "model" / "shared_vocabulary.json").write_text(json.dumps([*pieces, "“", "▁"]), encoding="utf-8")
        vocabulary = PieceVocabulary(tmp_path / "model", "es")
        assert "".join(vocabulary.pieces("“sings”—at night…")) == '▁“sings"-at▁night...</s>'

    def test_a_model_of_many_languages_is_told_which(self, tiny_models, tmp_path):
        shutil.copytree(tiny_models.en_es, tmp_path / "model")
        target = tmp_path / "model" / "shared_vocabulary.json"
        target.write_text(json.dumps(["</s>", "<unk>", ">>spa<<", ">>fr<<"]))
        assert PieceVocabulary(tmp_path / "model", "es").pieces("at night")[0] == ">>spa<<"
        assert PieceVocabulary(tmp_path / "model", "fr").pieces("at night")[0] == ">>fr<<"
        with pytest.raises(SettingsError, match=r"'de' but into >>fr<<, >>spa<<"):
            PieceVocabulary(tmp_path / "model", "de")


class TestCache:
    def test_the_second_time_nothing_is_converted(self, tiny_models, cache, monkeypatch):
        notices: list[str] = []
        first = open_engine({("en", "es"): str(tiny_models.en_es)}, notices=notices)
        assert notices == ["converting opus-mt-en-es for CTranslate2 (int8), once"]
        folders = list((cache / "marian").iterdir())
        assert len(folders) == 1, "the workspace is gone"
        assert folders[0].name.startswith("opus-mt-en-es-")
        assert set(json.loads((folders[0] / "manifest.json").read_text())["files"]) == {
            *("config.json", "model.bin", "shared_vocabulary.json", "source.spm", "target.spm")
        }

        monkeypatch.setattr(prepared, "build", lambda *_: pytest.fail("converted again"))
        notices.clear()
        second = open_engine({("en", "es"): str(tiny_models.en_es)}, notices=notices)
        assert notices == []
        assert second.signature() == first.signature()

    @pytest.mark.parametrize("damage", ["flipped byte", "missing file", "no manifest", "garbled manifest"])
    def test_a_damaged_cache_is_made_again(self, tiny_models, cache, damage):
        models = {("en", "es"): str(tiny_models.en_es)}
        expected = open_engine(models).translate(UNSEEN, "en", "es", samples=1)
        (folder,) = (cache / "marian").iterdir()
        if damage == "flipped byte":
            data = bytearray((folder / "model.bin").read_bytes())
            data[len(data) // 2] ^= 1
            (folder / "model.bin").write_bytes(data)
        elif damage == "missing file":
            (folder / "target.spm").unlink()
        elif damage == "no manifest":
            (folder / "manifest.json").unlink()
        else:
            (folder / "manifest.json").write_text('{"files": 3}')
        notices: list[str] = []
        engine = open_engine(models, notices=notices)
        assert notices[0].startswith("the cached model opus-mt-en-es is damaged (")
        assert engine.translate(UNSEEN, "en", "es", samples=1) == expected
        assert [path.name for path in (cache / "marian").iterdir()] == [folder.name]

    def test_changed_weights_are_another_model(self, tiny_models, tmp_path, cache):
        shutil.copytree(tiny_models.en_es, tmp_path / "opus-mt-en-es")
        open_engine({("en", "es"): str(tmp_path / "opus-mt-en-es")})
        shutil.copyfile(tiny_models.es_en / "model.safetensors", tmp_path / "opus-mt-en-es" / "model.safetensors")
        open_engine({("en", "es"): str(tmp_path / "opus-mt-en-es")})
        assert len(list((cache / "marian").iterdir())) == 2

    def test_a_cached_model_needs_no_torch_no_transformers_and_no_hub(self, engine, tiny_models):
        script = (
            "import sys\n"
            "for name in ('torch', 'transformers', 'huggingface_hub'): sys.modules[name] = None\n"
            "from backspeak.engines.marian import MarianEngine\n"
            "engine = MarianEngine.open({('en', 'es'): sys.argv[1]}, offline=True, threads=1)\n"
            "print(engine.translate([sys.argv[2]], 'en', 'es')[0][0])\n"
        )
        english, spanish = tiny_models.pairs[3]
        command = [sys.executable, "-X", "utf8", "-c", script, str(tiny_models.en_es), english]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
        assert (result.stdout.strip(), result.stderr) == (spanish, "")


class TestCheckpoints:
    def test_a_pickle_of_tensors_gives_the_same_model(self, engine, tiny_models, tmp_path):
        torch = pytest.importorskip("torch")
        from safetensors.torch import load_file

        shutil.copytree(tiny_models.en_es, tmp_path / "old", ignore=shutil.ignore_patterns("*.safetensors"))
        torch.save(load_file(tiny_models.en_es / "model.safetensors"), tmp_path / "old" / "pytorch_model.bin")
        old = open_engine({("en", "es"): str(tmp_path / "old")})
        assert old.translate(UNSEEN, "en", "es") == engine.translate(UNSEEN, "en", "es")

    def test_a_pickle_of_anything_else_is_not_opened(self, tiny_models, tmp_path):
        torch = pytest.importorskip("torch")
        shutil.copytree(tiny_models.en_es, tmp_path / "evil", ignore=shutil.ignore_patterns("*.safetensors"))
        torch.save({"model.shared.weight": _Trap(tmp_path / "sprung")}, tmp_path / "evil" / "pytorch_model.bin")
        with pytest.raises(ModelError, match="more than tensors"):
            open_engine({("en", "es"): str(tmp_path / "evil")})
        assert not (tmp_path / "sprung").exists()

    def test_without_torch_the_error_says_what_to_install(self, tiny_models, tmp_path, monkeypatch):
        shutil.copytree(tiny_models.en_es, tmp_path / "old", ignore=shutil.ignore_patterns("*.safetensors"))
        (tmp_path / "old" / "pytorch_model.bin").write_bytes(b"")
        monkeypatch.setitem(sys.modules, "torch", None)
        with pytest.raises(ModelError, match=r"pip install backspeak\[hub\]"):
            open_engine({("en", "es"): str(tmp_path / "old")})

    def test_separate_vocabularies_give_the_same_translations(self, engine, tiny_models, tmp_path):
        """The target side renumbered: other ids, same pieces, same sentences."""
        import numpy as np
        from safetensors.numpy import load_file, save_file

        folder = tmp_path / "separate"
        shutil.copytree(tiny_models.en_es, folder)
        pieces = list(json.loads((folder / "vocab.json").read_text(encoding="utf-8")))
        order = [0, 1, *range(len(pieces) - 2, 1, -1), len(pieces) - 1]
        (folder / "target_vocab.json").write_text(
            json.dumps({pieces[old]: new for new, old in enumerate(order)}), encoding="utf-8"
        )
        weights = load_file(folder / "model.safetensors")
        shared = weights.pop("model.shared.weight")
        weights["model.encoder.embed_tokens.weight"] = shared
        weights["model.decoder.embed_tokens.weight"] = np.ascontiguousarray(shared[order])
        weights["lm_head.weight"] = np.ascontiguousarray(shared[order])
        save_file(weights, folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text()) | {"share_encoder_decoder_embeddings": False}
        (folder / "config.json").write_text(json.dumps(config))
        separate = open_engine({("en", "es"): str(folder)})
        assert separate.translate(UNSEEN, "en", "es") == engine.translate(UNSEEN, "en", "es")

    def test_a_start_row_that_fine_tuning_has_moved_is_used(self, tiny_models, tmp_path):
        """Doubled, the row changes some translations; transformers says which, int8 may miss a few."""
        from safetensors.numpy import load_file, save_file
        from transformers import MarianMTModel, MarianTokenizer

        folder = tmp_path / "tuned"
        shutil.copytree(tiny_models.es_en, folder)
        weights = load_file(folder / "model.safetensors")
        assert weights["model.shared.weight"][-1].any()
        weights["model.shared.weight"][-1] *= 2
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        spanish = [text for _, text in tiny_models.pairs]
        tokenizer = MarianTokenizer.from_pretrained(folder)
        batch = tokenizer(spanish, return_tensors="pt", padding=True)
        tokens = MarianMTModel.from_pretrained(folder).generate(**batch, num_beams=4, max_length=40)
        expected = tokenizer.batch_decode(tokens, skip_special_tokens=True)
        ours = open_engine({("es", "en"): str(folder)}).translate(spanish, "es", "en")
        assert sum(options == [text] for options, text in zip(ours, expected, strict=True)) >= 27

    def test_half_precision_and_stored_positions_are_read(self, engine, tiny_models, tmp_path):
        import numpy as np
        from safetensors.numpy import load_file, save_file

        folder = tmp_path / "half"
        shutil.copytree(tiny_models.en_es, folder)
        weights = load_file(folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text())
        for side in ("encoder", "decoder"):
            weights[f"model.{side}.embed_positions.weight"] = marian_convert._sinusoids(
                config["max_position_embeddings"], config["d_model"]
            )
        save_file({name: array.astype(np.float16) for name, array in weights.items()}, folder / "model.safetensors")
        english, spanish = tiny_models.pairs[8]
        assert open_engine({("en", "es"): str(folder)}).translate([english], "en", "es") == [[spanish]]

    def test_positions_are_those_of_transformers(self):
        torch = pytest.importorskip("torch")
        from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

        reference = MarianSinusoidalPositionalEmbedding(50, 32).create_weight()
        assert torch.allclose(reference, torch.from_numpy(marian_convert._sinusoids(50, 32)), atol=1e-6)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"model_type": "bart"}, "only OPUS-MT"),
            ({"normalize_before": True}, "normalize_before"),
            ({"decoder_attention_heads": 2}, "attention heads"),
            ({"encoder_layers": 3}, "does not fit its config.json"),
        ],
    )
    def test_another_architecture_is_refused(self, tiny_models, tmp_path, cache, change, message):
        folder = tmp_path / "other"
        shutil.copytree(tiny_models.en_es, folder)
        config = json.loads((folder / "config.json").read_text()) | change
        (folder / "config.json").write_text(json.dumps(config))
        with pytest.raises(ModelError, match=message):
            open_engine({("en", "es"): str(folder)})
        assert not (cache / "marian").exists() or not list((cache / "marian").iterdir()), "nothing half-made stays"

    def test_missing_files_are_named(self, tiny_models, tmp_path):
        folder = tmp_path / "partial"
        shutil.copytree(tiny_models.en_es, folder)
        (folder / "target.spm").unlink()
        (folder / "model.safetensors").unlink()
        with pytest.raises(
            ModelError, match=r"partial is no complete .*: target.spm, model.safetensors or pytorch_model.bin missing"
        ):
            open_engine({("en", "es"): str(folder)})

    @pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "opus-mt-en-es"])
    def test_a_missing_folder_is_named(self, name):
        with pytest.raises(ModelError, match=rf"{name}: there is no such folder"):
            open_engine({("en", "es"): name})

    def test_a_cache_that_cannot_be_written_is_named(self, tiny_models, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "file"))
        with pytest.raises(ModelError, match="BACKSPEAK_CACHE"):
            open_engine({("en", "es"): str(tiny_models.en_es)})


class _Trap:
    """Creates a file if it is ever unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self):
        return (Path.touch, (self._path,))


class TestPatterns:
    def test_a_pattern_serves_every_pair_for_which_there_is_a_model(self, tiny_models):
        engine = open_engine(str(tiny_models.en_es.parent / "opus-mt-{source}-{target}"))
        assert engine.supports("en", "et")
        assert not engine.supports("en", "en")
        english, spanish = tiny_models.pairs[5]
        assert engine.translate([spanish], "es", "en") == [[english]]
        with pytest.raises(ModelError, match="opus-mt-en-et: there is no such folder"):
            engine.translate([english], "en", "et")

    def test_a_pattern_is_filled_in_inside_a_mapping(self, tiny_models):
        pattern = str(tiny_models.en_es.parent / "opus-mt-{source}-{target}")
        english, spanish = tiny_models.pairs[5]
        assert open_engine({("es", "en"): pattern}).translate([spanish], "es", "en") == [[english]]

    def test_a_pattern_must_say_both_languages(self):
        with pytest.raises(SettingsError, match=r"{source} and {target}"):
            open_engine("Helsinki-NLP/opus-mt-{source}-en")


class TestHub:
    def test_no_network_is_said_within_seconds(self, no_network, hub_cache):
        start = time.monotonic()
        with pytest.raises(OfflineError, match=f"{HUB_NAME} is not on this machine and the hub cannot be reached"):
            open_engine({("en", "es"): HUB_NAME}, offline=False)
        assert time.monotonic() - start < 8
        assert no_network

    def test_offline_touches_no_network(self, no_network, hub_cache):
        with pytest.raises(OfflineError, match="--offline is set; run once without it, or name a local folder"):
            open_engine({("en", "es"): HUB_NAME}, offline=True)
        assert no_network == []

    def test_the_hub_library_s_own_offline_switch_is_obeyed(self, no_network, hub_cache, monkeypatch):
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        with pytest.raises(OfflineError, match="HF_HUB_OFFLINE is set"):
            open_engine({("en", "es"): HUB_NAME}, offline=False)
        assert no_network == []

    @pytest.mark.parametrize("offline", [True, False])
    def test_what_the_hub_library_has_on_disk_is_enough(self, no_network, hub_cache, tiny_models, offline):
        fill_hub_cache(hub_cache, tiny_models.en_es)
        engine = open_engine({("en", "es"): HUB_NAME}, offline=offline)
        english, spanish = tiny_models.pairs[11]
        assert engine.translate([english], "en", "es") == [[spanish]]
        assert f"en-es:{HUB_NAME}@5f0c" in engine.signature()

        shutil.rmtree(hub_cache)
        no_network.clear()
        again = open_engine({("en", "es"): HUB_NAME}, offline=False)
        assert again.translate([english], "en", "es") == [[spanish]]
        assert no_network == [], "a converted model asks nobody"

    def test_a_revision_is_asked_for_and_kept_apart(self, hub_cache, no_network, tiny_models):
        fill_hub_cache(hub_cache, tiny_models.en_es)
        open_engine({("en", "es"): f"{HUB_NAME}@{'5f0c' * 10}"})
        with pytest.raises(OfflineError):
            open_engine({("en", "es"): HUB_NAME}, revision="0" * 40)

    def test_only_the_needed_files_are_fetched(self, hub, tiny_models):
        notices: list[str] = []
        engine = open_engine({("en", "es"): HUB_NAME}, offline=False, notices=notices)
        assert hub.fetched == ["config.json", "vocab.json", "source.spm", "target.spm", "model.safetensors"]
        assert notices[0] == f"fetching {HUB_NAME} from the hub, once"
        assert f"@{hub.commit}" in engine.signature()
        english, spanish = tiny_models.pairs[2]
        assert engine.translate([english], "en", "es") == [[spanish]]

    def test_without_torch_no_pickle_is_fetched(self, hub, monkeypatch):
        hub.listed = ["config.json", "vocab.json", "source.spm", "target.spm", "pytorch_model.bin"]
        monkeypatch.setitem(sys.modules, "torch", None)
        with pytest.raises(ModelError, match=rf"{HUB_NAME} on the hub .* pip install backspeak\[hub\]"):
            open_engine({("en", "es"): HUB_NAME}, offline=False)
        assert "pytorch_model.bin" not in hub.fetched

    def test_another_kind_of_model_is_said_to_be_one(self, hub):
        hub.listed = ["config.json", "model.safetensors"]
        with pytest.raises(ModelError, match=r"no vocab\.json on the hub, so it is no OPUS-MT model"):
            open_engine({("en", "es"): HUB_NAME}, offline=False)

    @pytest.mark.parametrize(
        ("error", "kind", "message"),
        [
            ("RepositoryNotFoundError", ModelError, "does not exist on the hub, or is private: check the spelling"),
            ("GatedRepoError", ModelError, "is gated: accept its terms .* HF_TOKEN"),
            ("RevisionNotFoundError", ModelError, "has no revision 'main'"),
            ("HfHubHTTPError", OfflineError, "cannot be reached .Service Unavailable"),
        ],
    )
    def test_the_hub_s_answers_are_explained(self, hub, error, kind, message):
        hub.fail_with(error)
        with pytest.raises(kind, match=message) as caught:
            open_engine({("en", "es"): HUB_NAME}, offline=False)
        assert HUB_NAME in str(caught.value)
        assert "\n" not in str(caught.value)


class FakeHub:
    """Answers the two calls that are made of the hub library, from a folder."""

    commit = "b7" * 20

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listed = [path.name for path in folder.iterdir()] + ["README.md", "tf_model.h5"]
        self.fetched: list[str] = []
        self._error: Exception | None = None

    def fail_with(self, name: str) -> None:
        from huggingface_hub import errors

        http = sys.modules[
            next(base for base in errors.HfHubHTTPError.__mro__ if base.__name__ == "HTTPError").__module__
        ]
        package = sys.modules[http.__name__.split(".")[0]]
        response = package.Response(503, request=package.Request("GET", "https://hub.invalid/"))
        self._error = getattr(errors, name)("Service Unavailable\nRequest ID: none", response=response)

    def model_info(self, _api, name: str, *, revision: str, timeout: float):
        from types import SimpleNamespace

        if self._error is not None:
            raise self._error
        assert (name, revision) == (HUB_NAME, "main")
        return SimpleNamespace(sha=self.commit, siblings=[SimpleNamespace(rfilename=name) for name in self.listed])

    def download(self, name: str, filename: str, *, revision: str) -> str:
        assert (name, revision) == (HUB_NAME, self.commit)
        self.fetched.append(filename)
        return str(self.folder / filename)


@pytest.fixture
def hub(hub_cache, no_network, tiny_models, monkeypatch) -> FakeHub:
    fake = FakeHub(tiny_models.en_es)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda api, *args, **kw: fake.model_info(api, *args, **kw))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", fake.download)
    return fake
