"""The graphs compute what the architecture says, checked against numpy."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backspeak.engines import gemma_onnx, generator
from backspeak.engines.gemma import GemmaShape, GgufModel, linear_names
from backspeak.engines.scorer import Scorer

NORMS = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm", "attn_q_norm", "attn_k_norm")


def _normalised(x: np.ndarray, weight: np.ndarray, epsilon: float) -> np.ndarray:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon) * weight


def _rotated(x: np.ndarray, base: float) -> np.ndarray:
    """Rotary embedding of (positions, heads, head_dim), first half against second half."""
    positions, _, size = x.shape
    angle = np.arange(positions)[:, None] * base ** (-np.arange(0, size, 2) / size)
    cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
    first, second = x[..., : size // 2], x[..., size // 2 :]
    return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], -1)


def _logits(gemma, ids: list[int]) -> np.ndarray:
    """Gemma 3 in plain numpy (arXiv:2503.19786): logits of every token after each position."""
    shape = gemma.shape
    count = len(ids)
    x = gemma.embedding[ids].astype(float) * np.sqrt(shape.hidden)
    distance = np.arange(count)[:, None] - np.arange(count)
    for layer in range(shape.layers):
        w = {name.split(".")[2]: value for name, value in gemma.weights.items() if name.startswith(f"blk.{layer}.")}
        base = shape.rotary_base if shape.is_global(layer) else 10_000.0

        h = _normalised(x, w["attn_norm"], shape.rms_epsilon)
        q = (h @ w["attn_q"].T).reshape(count, shape.heads, shape.head_dim)
        k = (h @ w["attn_k"].T).reshape(count, shape.heads_kv, shape.head_dim)
        v = (h @ w["attn_v"].T).reshape(count, shape.heads_kv, shape.head_dim)
        q = _rotated(_normalised(q, w["attn_q_norm"], shape.rms_epsilon), base)
        k = _rotated(_normalised(k, w["attn_k_norm"], shape.rms_epsilon), base)
        k, v = (np.repeat(each, shape.heads // shape.heads_kv, axis=1) for each in (k, v))
        score = np.einsum("thd,shd->hts", q, k) / np.sqrt(shape.head_dim)
        seen = (distance >= 0) & (shape.is_global(layer) | (distance < shape.sliding_window))
        score = np.where(seen, score, -np.inf)
        share = np.exp(score - score.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        mixed = np.einsum("hts,shd->thd", share, v).reshape(count, -1)
        x = x + _normalised(mixed @ w["attn_output"].T, w["post_attention_norm"], shape.rms_epsilon)

        h = _normalised(x, w["ffn_norm"], shape.rms_epsilon)
        gate = h @ w["ffn_gate"].T
        gate = 0.5 * gate * (1 + np.tanh(np.sqrt(2 / np.pi) * (gate + 0.044715 * gate**3)))
        x = x + _normalised((gate * (h @ w["ffn_up"].T)) @ w["ffn_down"].T, w["post_ffw_norm"], shape.rms_epsilon)
    return _normalised(x, gemma.weights["output_norm.weight"], shape.rms_epsilon) @ gemma.embedding.T


@pytest.fixture
def exact(monkeypatch):
    """Graphs written without quantisation."""

    def product(graph, activations, matrix, name):
        return graph._node("MatMul", [activations[0], graph._constant(f"{name}.exact", lambda: matrix().T)])

    def embedded(graph, embedding):
        root = graph._constant("root", np.array(np.sqrt(embedding.shape[1]), np.float32))
        rows = graph._node("Gather", [graph._constant("embedding", embedding), "ids"], axis=0)
        return graph._node("Mul", [rows, root])

    monkeypatch.setattr(gemma_onnx._Graph, "_activations", lambda graph, x: (x, "one"))
    monkeypatch.setattr(gemma_onnx._Graph, "_product", product)
    monkeypatch.setattr(gemma_onnx._Graph, "_embedded", embedded)


def _scored(folder: Path, ids: list[int]) -> np.ndarray:
    """Logits after every token but the last."""
    return Scorer(folder / gemma_onnx.SCORER).logits(np.array([ids]), [len(ids) - 1])[0]


def _ids(gemma, count: int) -> list[int]:
    generator = np.random.default_rng(count)
    return [2, *(int(each) for each in generator.integers(4, len(gemma.pieces), count - 1))]


@pytest.mark.parametrize("count", [2, 30])
def test_the_scorer_computes_what_numpy_computes(tiny_gemma, exact, tmp_path, count):
    tiny_gemma.write(tmp_path / "model")
    ids = _ids(tiny_gemma, count)
    expected = _logits(tiny_gemma, ids)[:-1]
    assert expected.std() > 1
    np.testing.assert_allclose(_scored(tmp_path / "model", ids), expected, atol=1e-3)


def test_the_reference_tells_the_layers_apart(tiny_gemma):
    """Were these the same to it, the test above would prove little."""
    ids = _ids(tiny_gemma, 30)
    expected = _logits(tiny_gemma, ids)
    all_local = replace(tiny_gemma, shape=replace(tiny_gemma.shape, rotary_base=10_000.0))
    assert np.abs(_logits(all_local, ids) - expected).max() > 0.01
    for name in NORMS:
        weights = dict(tiny_gemma.weights) | {f"blk.5.{name}.weight": tiny_gemma.weights[f"blk.5.{name}.weight"] - 1}
        assert np.abs(_logits(replace(tiny_gemma, weights=weights), ids) - expected).max() > 0.01, name


def test_generation_goes_on_beyond_the_window_as_numpy_does(tiny_gemma, exact, tmp_path):
    small = replace(tiny_gemma, shape=replace(tiny_gemma.shape, sliding_window=6))
    small.write(tmp_path / "model", output_tokens=small.text_tokens)
    graph = generator.Generator(tmp_path / "model" / generator.NAME, 1)
    ids = _ids(small, 5)
    cache = graph.cache(1, 32)
    tokens, scores = graph.step(np.array([ids]), np.array([len(ids)]), cache, small.text_tokens)
    for _ in range(12):
        np.testing.assert_allclose(scores[0], _log_probabilities(small, ids)[tokens[0]], atol=1e-3)
        ids.append(int(tokens[0, 0]))
        tokens, scores = graph.step(np.array([ids[-1:]]), np.array([len(ids)]), cache, small.text_tokens)
    assert len(set(ids[5:])) > 2


def _log_probabilities(gemma, ids: list[int]) -> np.ndarray:
    logits = _logits(gemma, ids)[-1, : gemma.text_tokens]
    return logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())


@pytest.mark.parametrize("window", [512, 6])
def test_the_graph_computes_step_after_step_what_numpy_computes(tiny_gemma, tmp_path, window):
    """Two rows of other lengths side by side; the first window is wider than the text, the other narrower."""
    tiny = replace(tiny_gemma, shape=replace(tiny_gemma.shape, sliding_window=window))
    tiny.write(tmp_path / "model", output_tokens=tiny.text_tokens)
    graph = generator.Generator(tmp_path / "model" / generator.NAME, 1)
    texts, cache = [_ids(tiny, 9), _ids(tiny, 14)], graph.cache(2, 32)
    for row, ids in enumerate(texts):
        first = graph.cache(1, 32)
        graph.step(np.array([ids[:-1]]), np.array([len(ids) - 1]), first, 1)
        cache[:, row] = first[:, 0]
    errors = {near: 0.0 for near in (window - 2, window, window + 2)}
    for _ in range(6):
        last, lengths = np.array([[ids[-1]] for ids in texts]), np.array([len(ids) for ids in texts])
        tokens, scores = graph.step(last, lengths, cache, tiny.text_tokens)
        for row, ids in enumerate(texts):
            for near in errors:
                other = replace(tiny, shape=replace(tiny.shape, sliding_window=near))
                errors[near] += ((scores[row] - _log_probabilities(other, ids)[tokens[row]]) ** 2).mean()
            expected = _log_probabilities(tiny, ids)[tokens[row]]
            assert np.sqrt(((scores[row] - expected) ** 2).mean()) < 0.35 * expected.std()
            ids.append(int(tokens[row, 0]))
    if window < 9:
        assert min(errors, key=errors.__getitem__) == window


def test_a_cut_output_layer_scores_its_tokens_as_the_whole_does(tiny_gemma, tmp_path):
    tiny_gemma.write(tmp_path / "whole")
    tiny_gemma.write(tmp_path / "cut", output_tokens=tiny_gemma.text_tokens)
    assert tiny_gemma.text_tokens < len(tiny_gemma.pieces)
    ids = [*_ids(tiny_gemma, 12), len(tiny_gemma.pieces) - 1, 9]
    whole = _scored(tmp_path / "whole", ids)
    assert whole.shape[1] == len(tiny_gemma.pieces)
    np.testing.assert_allclose(_scored(tmp_path / "cut", ids), whole[:, : tiny_gemma.text_tokens], atol=1e-4)


def test_eight_bits_stay_close_to_the_whole(tiny_gemma, tmp_path):
    """A matrix scaled twice, or with the scales of another, is far off."""
    tiny_gemma.write(tmp_path / "model", output_tokens=tiny_gemma.text_tokens)
    ids = _ids(tiny_gemma, 20)
    expected = _logits(tiny_gemma, ids)[:-1, : tiny_gemma.text_tokens]
    error = _scored(tmp_path / "model", ids) - expected
    assert np.sqrt((error**2).mean()) < 0.35 * expected.std()


def test_both_graphs_read_one_file_of_weights(tiny_gemma, tmp_path):
    tiny_gemma.write(tmp_path)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    matrices = sum(value.size for value in tiny_gemma.weights.values() if value.ndim == 2)
    assert sizes[gemma_onnx.WEIGHTS] > matrices
    assert sizes[gemma_onnx.SCORER] + sizes[gemma_onnx.GENERATOR] < matrices


def test_conversion_and_use_do_without_torch(tiny_gemma, tmp_path):
    tiny_gemma.write(tmp_path / "model", output_tokens=tiny_gemma.text_tokens)
    np.savez(tmp_path / "weights.npz", **tiny_gemma.weights)
    program = """
import sys
sys.modules["torch"] = None  # as if it were not installed
import pathlib
import numpy as np
from backspeak.engines import gemma_onnx, generator
from backspeak.engines.gemma import GemmaShape
from backspeak.engines.gemma_onnx import write_onnx
folder = pathlib.Path(sys.argv[1])
shape = GemmaShape(6, 64, 128, 4, 1, 16, 1e6, 512, 1e-6)
weights = np.load(folder / "weights.npz")
write_onnx(shape, weights.__getitem__, np.ones((6, 64), np.float32), folder / "again")
from backspeak.engines.decoder import Decoder
print(Decoder(folder / "model", 1).log_probabilities([""], ["bread"])[0] < 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "True", done.stderr
    assert (tmp_path / "again" / "model.bin").stat().st_size > 100_000


def test_one_layer_in_six_is_global():
    shape = GemmaShape(18, 640, 2048, 4, 1, 256, 1e6, 512, 1e-6)
    assert [layer for layer in range(18) if shape.is_global(layer)] == [5, 11, 17]


def test_the_adaptable_matrices_are_named_layer_by_layer(tiny_gemma):
    names = linear_names(tiny_gemma.shape)
    assert len(names) == 7 * tiny_gemma.shape.layers == len(set(names))
    assert set(names) == {name for name, value in tiny_gemma.weights.items() if value.ndim == 2}


def _gguf(path: Path, architecture: str, embedding: np.ndarray) -> None:
    import gguf

    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_block_count(1)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_key_length(16)
    writer.add_rope_freq_base(1e6)
    writer.add_sliding_window(512)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_token_list(["<pad>", "<eos>", "<bos>", "<unk>", "▁rain"])
    writer.add_token_scores([0.0, 0.0, 0.0, 0.0, -3.0])
    writer.add_token_types([3, 3, 3, 2, 1])
    writer.add_tensor(
        "token_embd.weight",
        gguf.quants.quantize(embedding, gguf.GGMLQuantizationType.Q8_0),
        raw_dtype=gguf.GGMLQuantizationType.Q8_0,
    )
    writer.add_tensor("output_norm.weight", np.full(32, 1.5, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_gguf_file_gives_shape_vocabulary_and_tensors(tmp_path):
    embedding = np.random.default_rng(0).normal(size=(5, 32)).astype(np.float32)
    _gguf(tmp_path / "model.gguf", "gemma3", embedding)
    model = GgufModel(tmp_path / "model.gguf")
    assert model.shape == GemmaShape(1, 32, 64, 2, 1, 16, 1e6, 512, pytest.approx(1e-6))
    assert [(piece.text, piece.score, piece.type) for piece in model.pieces[3:]] == [("<unk>", 0, 2), ("▁rain", -3, 1)]
    np.testing.assert_allclose(model.embeddings([4, 0]), embedding[[4, 0]], atol=0.02)
    np.testing.assert_array_equal(model.tensor("output_norm.weight"), np.full(32, 1.5))
    assert model.layer_names() == ["output_norm.weight"]


def test_a_gguf_file_of_another_family_is_refused(tmp_path):
    _gguf(tmp_path / "model.gguf", "llama", np.zeros((5, 32), np.float32))
    with pytest.raises(ValueError, match="not a Gemma 3 model but 'llama'"):
        GgufModel(tmp_path / "model.gguf")
