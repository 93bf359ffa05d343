"""The embedded base model: Gemma 3 270M, read from its GGUF file and written for CTranslate2.

Nothing here needs torch: the GGUF tensors are dequantised with numpy, the vocabulary is cut down
to the tokens in use, and the CTranslate2 specification is filled in directly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def write_ctranslate2(
    shape: GemmaShape,
    weight: Callable[[str], np.ndarray],
    embedding: np.ndarray,
    tokens: Sequence[str],
    folder: Path,
    *,
    output_tokens: int | None = None,
    quantization: str = "int8",
    progress: Callable[[], None] | None = None,
) -> None:
    """Write a Gemma 3 decoder as a CTranslate2 model.

    `weight` returns a float32 tensor by its GGUF name; norm weights are expected as the GGUF
    stores them, with Gemma's "+ 1" already added. `embedding` has shape (len(tokens), hidden).
    The output layer scores the first `output_tokens` tokens only (all of them by default).
    `progress` is called once a layer. Quantisation works in place: the arrays are overwritten.
    """
    from ctranslate2.converters import utils as conversion
    from ctranslate2.specs import common_spec, transformer_spec

    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        shape.layers,
        shape.heads,
        activation=common_spec.Activation.GELUTanh,
        pre_norm=True,
        ffn_glu=True,
        rms_norm=True,
        rotary_dim=shape.head_dim,
        rotary_interleave=False,
        rotary_base=LOCAL_ROTARY_BASE,
        num_heads_kv=shape.heads_kv,
        head_dim=shape.head_dim,
        sliding_window=shape.sliding_window,
        pre_post_layer_norm=True,
        qk_norm=True,
    )
    decoder = spec.decoder
    decoder.scale_embeddings = True
    decoder.start_from_zero_embedding = False
    decoder.embeddings.weight = embedding
    # A copy: quantisation works in place, and a view would be scaled twice.
    decoder.projection.weight = embedding if output_tokens is None else embedding[:output_tokens].copy()

    def norm(target, name: str) -> None:
        # CTranslate2 adds Gemma's 1 itself, the GGUF has it added already.
        target.gamma = weight(name) - 1.0
        target.layer_norm_use_residual = True

    norm(decoder.layer_norm, "output_norm.weight")
    for index in range(shape.layers):
        layer, blk = decoder.layer[index], f"blk.{index}."
        if shape.is_global(index):
            layer.self_attention.rotary_base = np.float32(shape.rotary_base)
            layer.self_attention.sliding_window = np.int32(0)
        else:
            layer.self_attention.rotary_base = np.float32(LOCAL_ROTARY_BASE)
            layer.self_attention.sliding_window = np.int32(shape.sliding_window)
        norm(layer.input_layer_norm, blk + "attn_norm.weight")
        norm(layer.post_attention_layer_norm, blk + "post_attention_norm.weight")
        norm(layer.pre_feedforward_layer_norm, blk + "ffn_norm.weight")
        norm(layer.post_feedforward_layer_norm, blk + "post_ffw_norm.weight")
        norm(layer.self_attention.q_norm, blk + "attn_q_norm.weight")
        norm(layer.self_attention.k_norm, blk + "attn_k_norm.weight")
        split = [common_spec.LinearSpec() for _ in range(3)]
        for part, name in zip(split, ("attn_q", "attn_k", "attn_v"), strict=True):
            part.weight = weight(f"{blk}{name}.weight")
        conversion.fuse_linear(layer.self_attention.linear[0], split)
        layer.self_attention.linear[1].weight = weight(blk + "attn_output.weight")
        layer.ffn.linear_0.weight = weight(blk + "ffn_gate.weight")
        layer.ffn.linear_0_noact.weight = weight(blk + "ffn_up.weight")
        layer.ffn.linear_1.weight = weight(blk + "ffn_down.weight")
        if progress is not None:
            progress()

    spec.register_vocabulary(list(tokens))
    spec.config.bos_token = "<bos>"
    spec.config.eos_token = "<eos>"
    spec.config.unk_token = "<unk>"
    spec.config.layer_norm_epsilon = shape.rms_epsilon
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
