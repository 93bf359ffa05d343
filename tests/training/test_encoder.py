"""The recipe of the encoder, on a tiny network: what is trained is what the judge then reads."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from backspeak.data import Segment  # noqa: E402
from backspeak.evidence.words import word_offsets  # noqa: E402
from backspeak.judge.encoder import VOCABULARY, WEIGHTS, Encoder  # noqa: E402
from backspeak.training import encoder as training  # noqa: E402
from backspeak.training import examples  # noqa: E402
from backspeak.training.bert_torch import E5, Bert, export, vocabulary  # noqa: E402

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
    return encoder.opinions(texts, [word_offsets(text) for text in texts], sources)


def test_the_quantised_network_agrees_with_the_trained_one(trained, encoder):
    tokenizer = training.Tokenizer((trained[1] / VOCABULARY).read_bytes())
    for text, source, opinion in zip(TEXTS, SOURCES, _opinions(encoder), strict=True):
        example = examples.Example(Segment("d", "1", text, source), "clean", ())
        batch = [(tokenizer.encode(example), source is not None)]
        with torch.no_grad():
            words, whole = trained[0](*training.collate(batch)[:4], len(word_offsets(text)))
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
    nothing, endless = encoder.opinions(["", "boat " * 900], [[], word_offsets("boat " * 900)], [None, None])
    assert len(nothing.bad) == 0
    assert np.isfinite(nothing.quality)
    known = np.isfinite(endless.bad)
    assert len(endless.bad) == 900
    assert 50 < known.sum() < 900
    assert known[: known.sum()].all()


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


def test_an_unknown_key_of_a_recipe_is_an_error(tmp_path):
    (tmp_path / "recipe.json").write_text('{"stepps": 3}')
    with pytest.raises(TypeError, match="stepps"):
        training.EncoderRecipe.read(tmp_path / "recipe.json")
