"""The recipe of the encoder, on a tiny network: what is trained is what the judge then reads."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from backspeak.data import Segment  # noqa: E402
from backspeak.evidence.words import word_offsets  # noqa: E402
from backspeak.judge.encoder import (  # noqa: E402
    ENGLISH_SHARE,
    ENGLISH_VOCABULARY,
    ENGLISH_WEIGHTS,
    VOCABULARY,
    WEIGHTS,
    Encoder,
)
from backspeak.judge.pieces import SentencePieces, read_pieces  # noqa: E402
from backspeak.training import encoder as training  # noqa: E402
from backspeak.training import examples  # noqa: E402
from backspeak.training.bert_torch import E5, Bert, export, read_minilm, vocabulary  # noqa: E402

TEXTS = [
    "The beacon watcher considers boats every evening.",
    "Nobody in the village knew who had painted the blue door.",
    "Rain!",
    "He promised to mend a roof until winter storms, and then he left for Dover.",
]
SOURCES = [None, "Никто в деревне не знал, кто покрасил синюю дверь.", None, "Он обещал починить крышу."]


@pytest.fixture(scope="module")
def trained(packed_e5, tmp_path_factory):
    """A network with its files as shipped."""
    torch.manual_seed(0)
    e5 = E5.read(packed_e5)
    keep = list(range(len(e5.pieces) - 1))
    model = Bert(e5, keep, dropout=0.0).eval()
    for head in (model.word_out, model.text_out):
        torch.nn.init.normal_(head.weight, std=1.0)
    folder = tmp_path_factory.mktemp("judge")
    export(model, e5, keep, folder / WEIGHTS)
    (folder / VOCABULARY).write_bytes(vocabulary(e5, keep))
    return model, folder


@pytest.fixture(scope="module")
def encoder(trained, tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("BACKSPEAK_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield Encoder(trained[1], threads=1)
    patch.undo()


def _opinions(encoder, texts=TEXTS, sources=SOURCES):
    """The opinion of each text that rests on most."""
    read = encoder.opinions(texts, [word_offsets(text) for text in texts], sources)
    return [each.get("source", each["alone"]) for each in read]


def test_the_quantised_network_agrees_with_the_trained_one(trained, encoder):
    pieces = SentencePieces((trained[1] / VOCABULARY).read_bytes())
    for text, source, opinion in zip(TEXTS, SOURCES, _opinions(encoder), strict=True):
        example = examples.Example(Segment("d", "1", text, source), "clean", ())
        batch = [(training.encode(example, pieces), source is not None)]
        with torch.no_grad():
            words, whole = trained[0](*training.collate(batch, pieces)[:4], len(word_offsets(text)))
        assert np.corrcoef(words[:, 0].numpy(), opinion.bad)[0, 1] > 0.97 or len(words) < 3
        assert np.abs(words[:, 0].numpy() - opinion.bad).max() < 0.7
        assert abs(float(whole[0, 0]) - opinion.quality) < 0.4
        assert abs(float(torch.sigmoid(whole[0, 1])) - opinion.edits) < 0.1


def test_the_batch_does_not_matter(encoder):
    together = _opinions(encoder)
    for index, alone in enumerate(
        _opinions(encoder, [text], [source])[0] for text, source in zip(TEXTS, SOURCES, strict=True)
    ):
        assert np.array_equal(alone.bad, together[index].bad)
        assert alone.quality == together[index].quality
    again = _opinions(encoder, TEXTS * 3, SOURCES * 3)
    assert [each.error for each in again] == [each.error for each in together] * 3


def test_the_source_is_read(encoder):
    with_source, without = _opinions(encoder, [TEXTS[1]] * 2, [SOURCES[1], None])
    assert not np.array_equal(with_source.bad, without.bad)


def test_no_word_and_too_many_words(encoder):
    nothing, endless = _opinions(encoder, ["", "boat " * 900], [None, None])
    assert len(nothing.bad) == 0
    assert np.isfinite(nothing.quality)
    known = np.isfinite(endless.bad)
    assert len(endless.bad) == 900
    assert 50 < known.sum() < 900
    assert known[: known.sum()].all()


@pytest.fixture(scope="module")
def with_english(trained, minilm_folder, tmp_path_factory):
    """A folder with both networks, and the English one in torch."""
    folder = tmp_path_factory.mktemp("both")
    for path in trained[1].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    torch.manual_seed(1)
    base = read_minilm(minilm_folder)
    keep = list(range(len(base.embedding)))
    model = Bert(base, keep, dropout=0.0).eval()
    for head in (model.word_out, model.text_out):
        torch.nn.init.normal_(head.weight, std=1.0)
    export(model, base, keep, folder / ENGLISH_WEIGHTS)
    (folder / ENGLISH_VOCABULARY).write_bytes((minilm_folder / "tokenizer.json").read_bytes())
    return model, folder


def test_two_networks_are_averaged(with_english, encoder, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path))
    model, folder = with_english
    text, source = TEXTS[1], SOURCES[1]
    both = Encoder(folder, threads=1).opinions([text], [word_offsets(text)], [source])[0]
    first = encoder.opinions([text], [word_offsets(text)], [source])[0]
    pieces = read_pieces(folder / ENGLISH_VOCABULARY)
    batch = [(training.encode(examples.Example(Segment("d", "1", text), "clean", ()), pieces), False)]
    with torch.no_grad():
        words, whole = model(*training.collate(batch, pieces)[:4], len(word_offsets(text)))
    for mode, share in ENGLISH_SHARE.items():
        expected = (1 - share) * first[mode].bad + share * words[:, 0].numpy()
        assert np.abs(both[mode].bad - expected).max() < 0.5
        quality = (1 - share) * first[mode].quality + share * float(whole[0, 0])
        assert abs(both[mode].quality - quality) < 0.3


def test_a_word_that_one_network_has_not_read_keeps_the_opinion_of_the_other(with_english, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path))
    # Each letter is a piece of its own to the English network, so it stops reading earlier.
    text = "boat " * 40 + "xyzzyq " * 30
    words = word_offsets(text)
    (read,) = Encoder(with_english[1], threads=1).opinions([text], [words], [None])
    assert np.isfinite(read["alone"].bad[:40]).all()


def test_a_damaged_cache_is_made_again(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path))
    before = _opinions(Encoder(trained[1], threads=1))
    for path in tmp_path.rglob("model.bin"):
        path.write_bytes(b"broken")
    after = _opinions(Encoder(trained[1], threads=1))
    assert [each.quality for each in before] == [each.quality for each in after]


def test_another_file_is_refused(tmp_path):
    (tmp_path / "other.bin").write_bytes(b"GGUF and more")
    with pytest.raises(ValueError, match="not a packed multilingual-e5-small"):
        E5.read(tmp_path / "other.bin")


def test_the_recipe_trains_exports_and_resumes(packed_e5, data_folder, wordnet_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(examples, "part_of", lambda text: "train")
    monkeypatch.setattr(training, "part_of", lambda text: "train")
    recipe_file = tmp_path / "recipe.json"
    recipe_file.write_text(
        json.dumps(
            {
                "steps": 150,
                "least_count": 1,
                "warmup_steps": 5,
                "tokens_a_batch": 600,
                "clean": 8,
                "corrupted": 8,
                "systems": {"flores-dev": 4, "wmt18": 4},
                "learning_rate": 0.003,
                "phases": [{"until": 1.0, "mixture": {"mlqe": 0.7, "systems": 0.1, "clean": 0.2}}],
            }
        )
    )
    recipe = training.EncoderRecipe.read(recipe_file)
    lines: list[str] = []
    training.train(recipe, packed_e5, data_folder, wordnet_folder, tmp_path, tmp_path / "out", lines.append)
    assert any("mlqe: 40 examples" in line for line in lines)
    learned = Encoder(tmp_path / "out", threads=1)
    # "The beacon watcher considers boats every evening.": the words that it has been told of.
    weak = _opinions(learned, [TEXTS[0]], [None])[0]
    assert weak.bad[[1, 2, 3]].mean() > weak.bad[[5, 6, 7]].mean() + 1
    training.train(recipe, packed_e5, data_folder, wordnet_folder, tmp_path, tmp_path / "out", lines.append)
    assert any(line.startswith("resumed at step") for line in lines)


def test_the_english_network_trains_without_a_source(
    minilm_folder, data_folder, wordnet_folder, trained, tmp_path, monkeypatch
):
    monkeypatch.setenv("BACKSPEAK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(examples, "part_of", lambda text: "train")
    monkeypatch.setattr(training, "part_of", lambda text: "train")
    recipe = training.EncoderRecipe(
        language="english",
        steps=150,
        warmup_steps=5,
        tokens_a_batch=600,
        clean=8,
        corrupted=8,
        systems={"flores-dev": 4},
        learning_rate=0.003,
        phases=(training.Phase(1.0, {"mlqe": 0.7, "systems": 0.1, "clean": 0.2}),),
    )
    out = tmp_path / "out"
    training.train(recipe, minilm_folder, data_folder, wordnet_folder, tmp_path, out, lambda line: None)
    for name in (WEIGHTS, VOCABULARY):
        (out / name).write_bytes((trained[1] / name).read_bytes())
    reader = Encoder(out, threads=1)._english
    weak = reader.opinions([TEXTS[0]], [word_offsets(TEXTS[0])], [None])[0]
    assert weak.bad[[1, 2, 3]].mean() > weak.bad[[5, 6, 7]].mean() + 1
    assert json.loads((out / "english-recipe.json").read_text())["language"] == "english"


def test_an_unknown_key_of_a_recipe_is_an_error(tmp_path):
    (tmp_path / "recipe.json").write_text('{"stepps": 3}')
    with pytest.raises(TypeError, match="stepps"):
        training.EncoderRecipe.read(tmp_path / "recipe.json")
