"""The embedded model as an ONNX graph that takes one step of many texts of different lengths at once.

    ids (rows, tokens)     new tokens of each row; more than one only where a row begins
    lengths (rows,)        how long each row is with them, less one (what GroupQueryAttention calls seqlens_k)
    total ()               the longest of them, in tokens
    key.N, value.N         (rows, heads_kv, room, head_dim) of layer N, written in place
    candidates (1,)        how many next tokens are asked for
    next, log_probability  (rows, candidates): the likeliest next tokens of each row, best first

Every operation sees its row only, and the matrix products are of whole numbers, so that a row has the
same result in any company: activations are quantised to int8 row by row, weights by output feature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.engines.gemma import LOCAL_ROTARY_BASE, GemmaShape

# Positions that the rotary tables have; a longer text is refused.
ROOM = 4096

_LARGEST = 127
_ZERO = 128  # of the activations, which are stored unsigned


def write_onnx(
    shape: GemmaShape,
    weight: Callable[[str], np.ndarray],
    embedding: np.ndarray,
    path: Path,
    *,
    output_tokens: int | None = None,
    progress: Callable[[], None] | None = None,
) -> None:
    """Write the decoder to `path`.

    `weight` returns a float32 tensor by its GGUF name (norms with Gemma's "+ 1" added, as they are stored);
    `embedding` has shape (tokens, hidden). The first `output_tokens` tokens can be the next one (all by default).
    `progress` is called once a layer.
    """
    import onnx

    path.parent.mkdir(parents=True, exist_ok=True)
    graph = _Decoder(shape, weight, progress or (lambda: None))
    onnx.save(graph.model(embedding, output_tokens or len(embedding)), str(path))


class _Decoder:
    """Nodes and weights of the graph, in the order of the calculation."""

    def __init__(self, shape: GemmaShape, weight: Callable[[str], np.ndarray], progress: Callable[[], None]) -> None:
        self._shape, self._weight, self._progress = shape, weight, progress
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._names: dict[str, int] = {}

    def model(self, embedding: np.ndarray, output_tokens: int) -> Any:
        from onnx import TensorProto, helper

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
        last = self._activations(self._node("Gather", [normed, self._constant("last", np.array(-1))], axis=1))
        logits = self._scaled(self._product(last, embedding[:output_tokens], "output"), last)
        log_probability = self._node("LogSoftmax", [logits], axis=-1)
        self._add("TopK", [log_probability, "candidates"], ["log_probability", "next"], axis=-1)
        cache = ["rows", shape.heads_kv, "room", shape.head_dim]
        caches = [f"{kind}.{layer}" for layer in range(shape.layers) for kind in ("key", "value")]

        def floats(names: list[str]) -> list[Any]:
            return [helper.make_tensor_value_info(name, TensorProto.FLOAT, cache) for name in names]

        graph = helper.make_graph(
            self._nodes,
            "decoder",
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
            self._weights,
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)], ir_version=10
        )

    def _embedded(self, embedding: np.ndarray) -> str:
        whole, scale = _quantized(embedding)
        rows = self._node("Gather", [self._constant("embedding", whole), "ids"], axis=0)
        scales = self._node(
            "Gather", [self._constant("embedding.scale", scale[:, None] * math.sqrt(self._shape.hidden)), "ids"], axis=0
        )
        return self._node("Mul", [self._node("Cast", [rows], to=1), scales])

    def _layer(self, layer: int, x: str, normed: str) -> tuple[str, str]:
        """The states after a layer, and those states normed for what comes next."""
        shape, blk = self._shape, f"blk.{layer}."
        kind = "global" if shape.is_global(layer) else "local"
        q, k, v = (self._weight(f"{blk}attn_{name}.weight") for name in "qkv")
        read = self._activations(normed)
        attended = f"{blk}attended"
        self._add(
            "GroupQueryAttention",
            [
                self._norm_of_heads(self._product(read, q, f"{blk}q"), blk + "attn_q_norm.weight"),
                self._norm_of_heads(self._product(read, k, f"{blk}k"), blk + "attn_k_norm.weight"),
                self._scaled(self._product(read, v, f"{blk}v"), read),
                *(f"key.{layer}", f"value.{layer}", "lengths", "total", f"cos.{kind}", f"sin.{kind}"),
            ],
            [attended, f"new.key.{layer}", f"new.value.{layer}"],
            domain="com.microsoft",
            num_heads=shape.heads,
            kv_num_heads=shape.heads_kv,
            do_rotary=1,
            rotary_interleaved=0,
            local_window_size=-1 if shape.is_global(layer) else shape.sliding_window,
        )
        output = self._product(self._activations(attended), self._weight(blk + "attn_output.weight"), f"{blk}output")
        x, normed = self._joined(self._norm(output, blk + "post_attention_norm.weight"), x, blk + "ffn_norm.weight")
        read = self._activations(normed)
        gate = self._scaled(self._product(read, self._weight(blk + "ffn_gate.weight"), f"{blk}gate"), read)
        up = self._product(read, self._weight(blk + "ffn_up.weight"), f"{blk}up")
        passed = self._activations(self._node("Mul", [self._node("Gelu", [gate], approximate="tanh"), up]))
        down = self._product(passed, self._weight(blk + "ffn_down.weight"), f"{blk}down")
        following = f"blk.{layer + 1}.attn_norm.weight" if layer + 1 < shape.layers else "output_norm.weight"
        return self._joined(self._norm(down, blk + "post_ffw_norm.weight"), x, following)

    def _norm(self, x: str, name: str) -> str:
        return self._node(
            "SimplifiedLayerNormalization",
            [x, self._constant(name, self._weight(name))],
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
            [x, residual, self._constant(name, self._weight(name))],
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
        return self._node("Cast", [shifted], to=2), step

    def _product(self, activations: tuple[str, str], matrix: np.ndarray, name: str) -> str:
        """x times the transposed matrix, each row divided by its step.

        Before a norm, and where activations are taken of it again, a factor of the whole row does not matter.
        """
        whole, scale = _quantized(matrix)
        return self._node(
            "MatMulIntegerToFloat",
            [
                activations[0],
                self._constant(f"{name}.weight", np.ascontiguousarray(whole.T)),
                "one",
                self._constant(f"{name}.scale", scale),
                "zero",
            ],
            domain="com.microsoft",
        )

    def _scaled(self, product: str, activations: tuple[str, str]) -> str:
        """The product with its factor."""
        return self._node("Mul", [product, activations[1]])

    def _constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        if name not in self._names:
            self._names[name] = 0
            self._weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def _node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        self._names[kind] = self._names.get(kind, 0) + 1
        name = f"{kind}.{self._names[kind]}"
        self._add(kind, inputs, [name], **attributes)
        return name

    def _add(self, kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, outputs, **attributes))


def _quantized(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 of the same shape, and the float32 step of each row."""
    step = np.maximum(np.abs(matrix).max(axis=1), 1e-20) / _LARGEST
    return np.rint(matrix / step[:, None]).astype(np.int8), step.astype(np.float32)
