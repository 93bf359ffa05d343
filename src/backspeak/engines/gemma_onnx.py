"""The embedded model as ONNX graphs over one file of weights: one that writes, one that weighs given text.

generator.onnx takes one step of many texts of different lengths at once.

    ids (rows, tokens)     new tokens of each row; more than one only where a row begins
    lengths (rows,)        how long each row is with them, less one (what GroupQueryAttention calls seqlens_k)
    total ()               the longest of them, in tokens
    key.N, value.N         (rows, heads_kv, room, head_dim) of layer N, written in place
    candidates (1,)        how many next tokens are asked for
    next, log_probability  (rows, candidates): the likeliest next tokens of each row, best first

scorer.onnx reads whole texts, and texts that begin alike as one tree.

    ids, positions (rows, tokens)  tokens, and at which place of their text each of them stands
    bias (rows, 1, 1, tokens, tokens)  what attention adds: 0 where the first token sees the second, else -inf
    places, targets (wanted,)      tokens, counted through all rows, and what is asked of each: another token after it
    logits (wanted, vocabulary), log_probability (wanted,)

Every operation sees its row only, and the matrix products are of whole numbers, so that a row has the
same result in any company: activations are quantised to int8 row by row, weights by output feature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from backspeak.engines.gemma import LOCAL_ROTARY_BASE, GemmaShape

# Positions that the rotary tables have; a longer text is refused.
ROOM = 4096

WEIGHTS, GENERATOR, SCORER = "model.bin", "generator.onnx", "scorer.onnx"

_LARGEST = 127
_ZERO = 128  # of the activations, which are stored unsigned
# Smaller tensors stand in the graph; larger ones begin on a page of their own, so that they can be mapped.
_INSIDE, _PAGE = 1024, 4096


def write_onnx(
    shape: GemmaShape,
    weight: Callable[[str], np.ndarray],
    embedding: np.ndarray,
    folder: Path,
    *,
    output_tokens: int | None = None,
    writes: bool = True,
    progress: Callable[[], None] | None = None,
) -> None:
    """Write the decoder into `folder`: its weights, the graph that weighs and, if it `writes`, the one that does.

    `weight` returns a float32 tensor by its GGUF name (norms with Gemma's "+ 1" added, as they are stored);
    `embedding` has shape (tokens, hidden). The first `output_tokens` tokens can be the next one (all by default).
    `progress` is called once a layer.
    """
    import onnx

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / WEIGHTS).open("wb") as file:
        weights = _Weights(file)
        scorer = _Scorer(shape, weight, weights, progress or (lambda: None))
        onnx.save(scorer.model(embedding, output_tokens or len(embedding)), str(folder / SCORER))
        if writes:
            generator = _Generator(shape, weight, weights, lambda: None)
            onnx.save(generator.model(embedding, output_tokens or len(embedding)), str(folder / GENERATOR))


class _Weights:
    """Tensors by name, made once for all graphs; the large ones lie in a file beside these."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._made: dict[str, Any] = {}

    def tensor(self, name: str, value: np.ndarray | Callable[[], np.ndarray]) -> Any:
        """The tensor as a graph names it."""
        if name not in self._made:
            self._made[name] = self._stored(name, np.asarray(value() if callable(value) else value))
        return self._made[name]

    def _stored(self, name: str, value: np.ndarray) -> Any:
        from onnx import TensorProto, helper, numpy_helper

        if value.nbytes < _INSIDE:
            return numpy_helper.from_array(value, name)
        self._file.write(b"\0" * (-self._file.tell() % _PAGE))
        tensor = TensorProto(
            name=name,
            data_type=helper.np_dtype_to_tensor_dtype(value.dtype),
            dims=value.shape,
            data_location=TensorProto.EXTERNAL,
        )
        for key, fact in (("location", WEIGHTS), ("offset", self._file.tell()), ("length", value.nbytes)):
            tensor.external_data.add(key=key, value=str(fact))
        self._file.write(np.ascontiguousarray(value).tobytes())
        return tensor


class _Graph:
    """Nodes of a graph, in the order of the calculation."""

    # Products whose activations are not eight bits but sixteen, in two products of eight.
    _fine: frozenset[str] = frozenset()

    def __init__(
        self,
        shape: GemmaShape,
        weight: Callable[[str], np.ndarray],
        weights: _Weights,
        progress: Callable[[], None],
    ) -> None:
        self._shape, self._weight, self._weights, self._progress = shape, weight, weights, progress
        self._nodes: list[Any] = []
        self._used: dict[str, Any] = {}
        self._counts: dict[str, int] = {}
        self._shifted: dict[str, str] = {}  # what whole numbers were cut from
        self._remainders: dict[str, str] = {}

    def _attention(self, layer: int, q: str, k: str, v: str) -> str:
        """What each token takes from those that it sees, (rows, tokens, heads * head_dim)."""
        raise NotImplementedError

    def _states(self, embedding: np.ndarray) -> str:
        """What the output layer reads: (rows, tokens, hidden)."""
        shape = self._shape
        for name, value in (("zero", np.uint8(_ZERO)), ("one", np.float32(1))):
            self._constant(name, np.array(value))
        for kind, base in (("global", shape.rotary_base), ("local", LOCAL_ROTARY_BASE)):
            frequency = base ** (-np.arange(0, shape.head_dim, 2, dtype=np.float64) / shape.head_dim)
            angle = np.outer(np.arange(ROOM), frequency)
            self._constant(f"cos.{kind}", np.cos(angle).astype(np.float32))
            self._constant(f"sin.{kind}", np.sin(angle).astype(np.float32))
        x = self._embedded(embedding)
        normed = self._norm(x, "blk.0.attn_norm.weight")
        for layer in range(shape.layers):
            x, normed = self._layer(layer, x, normed)
            self._progress()
        return normed

    def _logits(self, states: str, embedding: np.ndarray, output_tokens: int) -> str:
        read = self._activations(states)
        return self._scaled(self._product(read, lambda: embedding[:output_tokens], "output"), read)

    def _kind(self, layer: int) -> str:
        return "global" if self._shape.is_global(layer) else "local"

    def _model(self, inputs: list[Any], outputs: list[Any]) -> Any:
        from onnx import helper

        graph = helper.make_graph(self._nodes, "decoder", inputs, outputs, list(self._used.values()))
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)], ir_version=10
        )

    def _embedded(self, embedding: np.ndarray) -> str:
        root = math.sqrt(self._shape.hidden)
        quantized = cache(lambda: _quantized(embedding))
        whole = self._constant("embedding", lambda: quantized()[0])
        scale = self._constant("embedding.scale", lambda: quantized()[1][:, None] * root)
        rows = self._node("Gather", [whole, "ids"], axis=0)
        scales = self._node("Gather", [scale, "ids"], axis=0)
        return self._node("Mul", [self._node("Cast", [rows], to=1), scales])

    def _layer(self, layer: int, x: str, normed: str) -> tuple[str, str]:
        """The states after a layer, and those states normed for what comes next."""
        blk = f"blk.{layer}."
        read = self._activations(normed)
        q, k, v = (self._linear(read, f"{blk}attn_{name}.weight", f"{blk}{name}") for name in "qkv")
        attended = self._attention(
            layer,
            self._norm_of_heads(q, blk + "attn_q_norm.weight"),
            self._norm_of_heads(k, blk + "attn_k_norm.weight"),
            self._scaled(v, read),
        )
        output = self._linear(self._activations(attended), f"{blk}attn_output.weight", f"{blk}output")
        x, normed = self._joined(self._norm(output, blk + "post_attention_norm.weight"), x, blk + "ffn_norm.weight")
        read = self._activations(normed)
        gate = self._scaled(self._linear(read, f"{blk}ffn_gate.weight", f"{blk}gate"), read)
        up = self._linear(read, f"{blk}ffn_up.weight", f"{blk}up")
        passed = self._activations(self._node("Mul", [self._node("Gelu", [gate], approximate="tanh"), up]))
        down = self._linear(passed, f"{blk}ffn_down.weight", f"{blk}down")
        following = f"blk.{layer + 1}.attn_norm.weight" if layer + 1 < self._shape.layers else "output_norm.weight"
        return self._joined(self._norm(down, blk + "post_ffw_norm.weight"), x, following)

    def _norm(self, x: str, name: str) -> str:
        return self._node(
            "SimplifiedLayerNormalization",
            [x, self._constant(name, lambda: self._weight(name))],
            axis=-1,
            epsilon=self._shape.rms_epsilon,
        )

    def _norm_of_heads(self, x: str, name: str) -> str:
        apart = self._constant("apart", np.array([0, 0, -1, self._shape.head_dim]))
        together = self._constant("together", np.array([0, 0, -1]))
        return self._node("Reshape", [self._norm(self._node("Reshape", [x, apart]), name), together])

    def _joined(self, x: str, residual: str, name: str) -> tuple[str, str]:
        """The sum, and the sum normed."""
        normed, total = f"{name}.normed", f"{name}.sum"
        self._add(
            "SkipSimplifiedLayerNormalization",
            [x, residual, self._constant(name, lambda: self._weight(name))],
            [normed, "", "", total],
            domain="com.microsoft",
            epsilon=self._shape.rms_epsilon,
        )
        return total, normed

    def _activations(self, x: str) -> tuple[str, str]:
        """Whole numbers for x, and the step of each row."""
        largest = self._node("ReduceMax", [self._node("Abs", [x]), self._constant("axis", np.array([-1]))], keepdims=1)
        floor = self._constant("floor", np.array(1e-20, np.float32))
        part = self._constant("part", np.array(1 / _LARGEST, np.float32))
        step = self._node("Mul", [self._node("Max", [largest, floor]), part])
        # The cast cuts off: with a half more it rounds.
        shifted = self._node(
            "Add", [self._node("Div", [x, step]), self._constant("shift", np.array(_ZERO + 0.5, np.float32))]
        )
        whole = self._node("Cast", [shifted], to=2)
        self._shifted[whole] = shifted
        return whole, step

    def _linear(self, activations: tuple[str, str], tensor: str, name: str) -> str:
        """The product with a matrix of the model."""
        return self._product(activations, lambda: self._weight(tensor), name)

    def _product(self, activations: tuple[str, str], matrix: Callable[[], np.ndarray], name: str) -> str:
        """x times the transposed matrix, each row divided by its step.

        Before a norm, and where activations are taken of it again, a factor of the whole row does not matter.
        """
        quantized = cache(lambda: _quantized(matrix()))
        weight = self._constant(f"{name}.weight", lambda: quantized()[0].T)
        scale = self._constant(f"{name}.scale", lambda: quantized()[1])
        product = self._node(
            "MatMulIntegerToFloat", [activations[0], weight, "one", scale, "zero"], domain="com.microsoft"
        )
        if name.rpartition(".")[2] not in self._fine:
            return product
        remainder, part = self._remainder(activations[0]), self._constant("remainder", np.array(1 / 254, np.float32))
        rest = self._node("MatMulIntegerToFloat", [remainder, weight, part, scale, "zero"], domain="com.microsoft")
        return self._node("Add", [product, rest])

    def _remainder(self, whole: str) -> str:
        """What rounding took from the activations, -1/2 to 1/2, in steps of 1/254."""
        if whole not in self._remainders:
            cut = self._node("Sub", [self._shifted[whole], self._node("Cast", [whole], to=1)])
            steps = self._node("Mul", [cut, self._constant("steps", np.array(254, np.float32))])
            shifted = self._node("Add", [steps, self._constant("steps.shift", np.array(_ZERO - 127 + 0.5, np.float32))])
            self._remainders[whole] = self._node("Cast", [shifted], to=2)
        return self._remainders[whole]

    def _scaled(self, product: str, activations: tuple[str, str]) -> str:
        """The product with its factor."""
        return self._node("Mul", [product, activations[1]])

    def _constant(self, name: str, value: np.ndarray | Callable[[], np.ndarray]) -> str:
        if name not in self._used:
            self._used[name] = self._weights.tensor(name, value)
        return name

    def _node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        name = f"{kind}.{self._counts[kind]}"
        self._add(kind, inputs, [name], **attributes)
        return name

    def _add(self, kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, outputs, **attributes))


class _Generator(_Graph):
    """Attention over caches that each row has of its own."""

    def model(self, embedding: np.ndarray, output_tokens: int) -> Any:
        from onnx import TensorProto, helper

        shape = self._shape
        last = self._node("Gather", [self._states(embedding), self._constant("last", np.array(-1))], axis=1)
        log_probability = self._node("LogSoftmax", [self._logits(last, embedding, output_tokens)], axis=-1)
        self._add("TopK", [log_probability, "candidates"], ["log_probability", "next"], axis=-1)
        room = ["rows", shape.heads_kv, "room", shape.head_dim]
        caches = [f"{kind}.{layer}" for layer in range(shape.layers) for kind in ("key", "value")]

        def floats(names: list[str]) -> list[Any]:
            return [helper.make_tensor_value_info(name, TensorProto.FLOAT, room) for name in names]

        return self._model(
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["rows", "tokens"]),
                helper.make_tensor_value_info("lengths", TensorProto.INT32, ["rows"]),
                helper.make_tensor_value_info("total", TensorProto.INT32, []),
                helper.make_tensor_value_info("candidates", TensorProto.INT64, [1]),
                *floats(caches),
            ],
            [
                helper.make_tensor_value_info("log_probability", TensorProto.FLOAT, ["rows", "most"]),
                helper.make_tensor_value_info("next", TensorProto.INT64, ["rows", "most"]),
                *floats([f"new.{name}" for name in caches]),
            ],
        )

    def _attention(self, layer: int, q: str, k: str, v: str) -> str:
        shape, attended, kind = self._shape, f"blk.{layer}.attended", self._kind(layer)
        self._add(
            "GroupQueryAttention",
            [q, k, v, f"key.{layer}", f"value.{layer}", "lengths", "total", f"cos.{kind}", f"sin.{kind}"],
            [attended, f"new.key.{layer}", f"new.value.{layer}"],
            domain="com.microsoft",
            num_heads=shape.heads,
            kv_num_heads=shape.heads_kv,
            do_rotary=1,
            rotary_interleaved=0,
            local_window_size=-1 if shape.is_global(layer) else shape.sliding_window,
        )
        return attended


class _Scorer(_Graph):
    """Attention among the tokens of a row, as far as `bias` lets them see each other.

    No text is longer than the sliding window, so that all layers see alike.
    """

    # Eight bits cost 0.27 nats a token (root mean square, of float activations), most of it in these: with them 0.13,
    # for a fifth more time.
    _fine = frozenset({"q", "k", "v", "down"})

    def model(self, embedding: np.ndarray, output_tokens: int) -> Any:
        from onnx import TensorProto, helper

        flat = self._constant("flat", np.array([-1, self._shape.hidden]))
        states = self._node("Gather", [self._node("Reshape", [self._states(embedding), flat]), "places"], axis=0)
        logits = self._logits(states, embedding, output_tokens)
        self._add("Identity", [logits], ["logits"])
        column = self._node("Unsqueeze", ["targets", self._constant("axis", np.array([-1]))])
        found = self._node("GatherElements", [self._node("LogSoftmax", [logits], axis=-1), column], axis=1)
        self._add("Squeeze", [found, self._constant("axis", np.array([-1]))], ["log_probability"])
        return self._model(
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["rows", "tokens"]),
                helper.make_tensor_value_info("positions", TensorProto.INT64, ["rows", "tokens"]),
                helper.make_tensor_value_info("bias", TensorProto.FLOAT, ["rows", 1, 1, "tokens", "tokens"]),
                helper.make_tensor_value_info("places", TensorProto.INT64, ["wanted"]),
                helper.make_tensor_value_info("targets", TensorProto.INT64, ["wanted"]),
            ],
            [
                helper.make_tensor_value_info("log_probability", TensorProto.FLOAT, ["wanted"]),
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["wanted", output_tokens]),
            ],
        )

    def _attention(self, layer: int, q: str, k: str, v: str) -> str:
        shape, kind = self._shape, self._kind(layer)
        group = shape.heads // shape.heads_kv
        q, k = self._rotated(q, shape.heads, kind), self._rotated(k, shape.heads_kv, kind)
        # (rows, heads_kv, heads of each of these, tokens, head_dim): all of a group read the same keys and values.
        q = self._arranged(q, group, [0, 2, 3, 1, 4])
        k = self._arranged(k, 1, [0, 2, 3, 4, 1])
        v = self._arranged(v, 1, [0, 2, 3, 1, 4])
        scale = self._constant("attention.scale", np.array(shape.head_dim**-0.5, np.float32))
        score = self._node("Add", [self._node("MatMul", [self._node("Mul", [q, scale]), k]), "bias"])
        mixed = self._node("MatMul", [self._node("Softmax", [score], axis=-1), v])
        together = self._constant("together", np.array([0, 0, -1]))
        return self._node("Reshape", [self._node("Transpose", [mixed], perm=[0, 3, 1, 2, 4]), together])

    def _rotated(self, x: str, heads: int, kind: str) -> str:
        inputs = [x, "positions", f"cos.{kind}", f"sin.{kind}"]
        return self._node("RotaryEmbedding", inputs, domain="com.microsoft", num_heads=heads, interleaved=0)

    def _arranged(self, x: str, group: int, order: list[int]) -> str:
        shape = self._shape
        apart = self._constant(f"groups.{group}", np.array([0, 0, shape.heads_kv, group, shape.head_dim]))
        return self._node("Transpose", [self._node("Reshape", [x, apart])], perm=order)


def _quantized(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 of the same shape, and the float32 step of each row."""
    step = np.maximum(np.abs(matrix).max(axis=1), 1e-20) / _LARGEST
    return np.rint(matrix / step[:, None]).astype(np.int8), step.astype(np.float32)
