"""The judge's encoder as shipped: a BERT network in safetensors, written once for CTranslate2.

Matrices are stored as GGUF quantisation blocks (uint8), whose kind ends their name: the token embedding
as Q4_0, layers and heads as Q8_0 or Q5_0. The token type embedding is part of the position embedding.
Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open

LAYER_NORM_EPSILON = 1e-12
EMBEDDING = "embedding"
POSITIONS = "positions"
LINEAR = ("attention_in", "attention_out", "feed_forward_in", "feed_forward_out")
NORMS = ("attention_norm", "feed_forward_norm")


@dataclass(frozen=True)
class BertShape:
    """Sizes of the network."""

    layers: int
    heads: int
    hidden: int
    positions: int


class BertWeights:
    """A safetensors file of the encoder, opened for reading; tensors are dequantised on demand."""

    def __init__(self, path: Path) -> None:
        self._file = safe_open(str(path), framework="numpy")
        facts = self._file.metadata()
        self.shape = BertShape(*(int(facts[name]) for name in ("layers", "heads", "hidden", "positions")))
        self._names = set(self._file.keys())

    def tensor(self, name: str) -> np.ndarray:
        """Float32 tensor; the rows of a matrix are output features, as in torch."""
        from gguf import GGMLQuantizationType
        from gguf.quants import dequantize

        for kind in ("Q4_0", "Q5_0", "Q8_0"):
            stored = f"{name}.{kind.lower()}"
            if stored in self._names:
                blocks = self._file.get_tensor(stored)
                return dequantize(blocks, GGMLQuantizationType[kind]).astype(np.float32, copy=False)
        return self._file.get_tensor(name).astype(np.float32)


def write_ctranslate2(
    weights: BertWeights, tokens: list[str], folder: Path, progress: Callable[[], None] | None = None
) -> None:
    """Write the encoder as an int8 CTranslate2 model; `progress` is called once a layer."""
    from ctranslate2.specs import common_spec, transformer_spec

    shape = weights.shape
    spec = transformer_spec.TransformerEncoderModelSpec(
        transformer_spec.TransformerEncoderSpec(
            shape.layers,
            shape.heads,
            pre_norm=False,
            activation=common_spec.Activation.GELU,
            layernorm_embedding=True,
        )
    )
    encoder = spec.encoder
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights.tensor(EMBEDDING)
    encoder.position_encodings.encodings = weights.tensor(POSITIONS)

    def norm(target, name: str) -> None:
        target.gamma, target.beta = weights.tensor(f"{name}.weight"), weights.tensor(f"{name}.bias")

    def linear(target, name: str) -> None:
        target.weight, target.bias = weights.tensor(f"{name}.weight"), weights.tensor(f"{name}.bias")

    norm(encoder.layernorm_embedding, "embedding_norm")
    for index in range(shape.layers):
        layer, at = encoder.layer[index], f"layer.{index}."
        linear(layer.self_attention.linear[0], at + "attention_in")
        linear(layer.self_attention.linear[1], at + "attention_out")
        norm(layer.self_attention.layer_norm, at + "attention_norm")
        linear(layer.ffn.linear_0, at + "feed_forward_in")
        linear(layer.ffn.linear_1, at + "feed_forward_out")
        norm(layer.ffn.layer_norm, at + "feed_forward_norm")
        if progress is not None:
            progress()
    spec.register_vocabulary(tokens)
    spec.config.unk_token = "<unk>"
    spec.config.layer_norm_epsilon = LAYER_NORM_EPSILON
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
