"""The embedded base model: Gemma 3 270M, read from its GGUF file, tensors dequantised with numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Facts of the architecture that the GGUF header does not carry (Gemma 3 technical report,
# arXiv:2503.19786: five local layers to each global one, local rotary base 10k).
LOCAL_LAYERS_PER_GLOBAL = 5
LOCAL_ROTARY_BASE = 10_000.0


@dataclass(frozen=True)
class GemmaShape:
    """Sizes of the network, as the GGUF header states them."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    heads_kv: int
    head_dim: int
    rotary_base: float
    sliding_window: int
    rms_epsilon: float

    def is_global(self, layer: int) -> bool:
        """Whether `layer` (counted from 0) attends to the whole text rather than to a window."""
        return (layer + 1) % (LOCAL_LAYERS_PER_GLOBAL + 1) == 0


@dataclass(frozen=True)
class Piece:
    """One entry of the SentencePiece vocabulary: text, merge score, SentencePiece type code."""

    text: str
    score: float
    type: int


class GgufModel:
    """A Gemma 3 GGUF file opened for reading (memory-mapped, tensors dequantised on demand)."""

    def __init__(self, path: Path) -> None:
        import gguf

        self._dequantize = gguf.quants.dequantize
        reader = gguf.GGUFReader(str(path))
        fields = {name: field.contents() for name, field in reader.fields.items()}
        if fields.get("general.architecture") != "gemma3":
            raise ValueError(f"{path}: not a Gemma 3 model but {fields.get('general.architecture')!r}")
        self.shape = GemmaShape(
            layers=fields["gemma3.block_count"],
            hidden=fields["gemma3.embedding_length"],
            feed_forward=fields["gemma3.feed_forward_length"],
            heads=fields["gemma3.attention.head_count"],
            heads_kv=fields["gemma3.attention.head_count_kv"],
            head_dim=fields["gemma3.attention.key_length"],
            rotary_base=float(fields["gemma3.rope.freq_base"]),
            sliding_window=fields["gemma3.attention.sliding_window"],
            rms_epsilon=float(fields["gemma3.attention.layer_norm_rms_epsilon"]),
        )
        self.pieces = [
            Piece(text, float(score), int(kind))
            for text, score, kind in zip(
                fields["tokenizer.ggml.tokens"],
                fields["tokenizer.ggml.scores"],
                fields["tokenizer.ggml.token_type"],
                strict=True,
            )
        ]
        self._tensors = {tensor.name: tensor for tensor in reader.tensors}

    def tensor(self, name: str) -> np.ndarray:
        """Dequantise one tensor to float32 (rows are output features, as in torch)."""
        tensor = self._tensors[name]
        return self._dequantize(tensor.data, tensor.tensor_type).astype(np.float32, copy=False)

    def embeddings(self, ids: Sequence[int]) -> np.ndarray:
        """Rows of the token embedding for `ids`, float32 of shape (len(ids), hidden)."""
        tensor = self._tensors["token_embd.weight"]
        return self._dequantize(tensor.data[np.asarray(ids)], tensor.tensor_type).astype(np.float32, copy=False)

    def layer_names(self) -> list[str]:
        """Names of every tensor but the embedding, in a fixed order."""
        return sorted(name for name in self._tensors if name != "token_embd.weight")


LINEAR_TENSORS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


def linear_names(shape: GemmaShape) -> list[str]:
    """GGUF names of the matrices that a pivot adapter may change, in layer order."""
    return [f"blk.{layer}.{name}.weight" for layer in range(shape.layers) for name in LINEAR_TENSORS]
