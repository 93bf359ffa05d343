"""From an OPUS-MT checkpoint to a CTranslate2 model: numpy in, int8 out, no torch for safetensors.

The architecture is Marian's post-norm Transformer with sinusoidal positions (Junczys-Dowmunt et
al. 2018, "Marian: Fast Neural Machine Translation in C++"); tensor names are those that
transformers' `MarianMTModel` saves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.errors import ModelError

QUANTIZATION = "int8"

# Added to the score of the padding token, which the network never learned not to write.
_NEVER = np.float32(-1e9)

_REQUIRED = (
    "activation_function",
    "d_model",
    "decoder_attention_heads",
    "decoder_layers",
    "decoder_start_token_id",
    "encoder_attention_heads",
    "encoder_layers",
    "eos_token_id",
    "max_position_embeddings",
    "pad_token_id",
)
_UNSUPPORTED = ("normalize_before", "normalize_embedding", "add_final_layer_norm")


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Every tensor of a checkpoint as a numpy array.

    A pickle (pytorch_model.bin) is opened only by torch's restricted reader
    (`torch.load(weights_only=True)`), which builds tensors and runs no code from the file.
    Raises ModelError when torch is missing or the file holds anything but tensors.
    """
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            return load_file(path)
        except (SafetensorError, KeyError, TypeError) as error:
            raise ModelError(f"{path} cannot be read as safetensors ({error}); download it again") from error
    require_torch(str(path))
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.float().numpy() for name, tensor in state.items()}
    except Exception as error:  # torch raises pickle, zip, runtime and attribute errors alike
        raise ModelError(
            f"{path} holds more than tensors or is damaged, so it is not opened; "
            "use a checkpoint with model.safetensors"
        ) from error


def require_torch(what: str) -> None:
    """Raise ModelError with the pip line unless torch can be imported."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise ModelError(
            f"{what} is in torch's own format, which is read with torch once, to convert it: "
            "pip install backspeak[hub]; or name a model that has model.safetensors"
        ) from error


def convert(files: Mapping[str, Path], folder: Path) -> None:
    """Write the checkpoint `files` (file name -> path) into `folder` as a CTranslate2 int8 model.

    Needs config.json, vocab.json and the weights under the key "weights"; target_vocab.json where
    the two languages have separate vocabularies. Raises ModelError for anything but a Marian model.
    """
    config = read_config(files["config.json"])
    source_tokens = _tokens(files["vocab.json"])
    target_tokens = source_tokens if shares_vocabulary(config) else _tokens(files["target_vocab.json"])
    try:
        _write(config, read_weights(files["weights"]), source_tokens, target_tokens, folder)
    except (KeyError, IndexError, ValueError) as error:
        raise ModelError(f"{files['weights']} does not fit its config.json ({error}); download both again") from error


def read_config(path: Path) -> dict[str, Any]:
    """The parsed config.json of a Marian model; ModelError for another kind of model."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON; download it again") from error
    if config.get("model_type") != "marian":
        raise ModelError(f"{path} describes a {config.get('model_type')!r} model; only OPUS-MT (Marian) models work")
    missing = [option for option in _REQUIRED if option not in config]
    if missing:
        raise ModelError(f"{path} lacks {', '.join(missing)}; download it again")
    for option in _UNSUPPORTED:
        if config.get(option):
            raise ModelError(f"{path}: {option} is set, which no OPUS-MT model has; it cannot be converted")
    if config["encoder_attention_heads"] != config["decoder_attention_heads"]:
        raise ModelError(f"{path}: encoder and decoder differ in attention heads; it cannot be converted")
    return config


def shares_vocabulary(config: Mapping[str, Any]) -> bool:
    """Whether source and target language use one vocabulary (all but a few OPUS-MT models)."""
    return bool(config.get("share_encoder_decoder_embeddings", True))


def _tokens(path: Path) -> list[str]:
    """The vocabulary in the order of its numbers, which must run from 0 without a gap."""
    try:
        ids = json.loads(path.read_text(encoding="utf-8"))
        tokens = sorted(ids, key=ids.__getitem__)
        complete = [ids[token] for token in tokens] == list(range(len(tokens)))
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is no vocabulary; download it again") from error
    if not complete:
        raise ModelError(f"{path} has gaps in its numbering; download it again")
    return tokens


def _write(
    config: Mapping[str, Any],
    weights: Mapping[str, np.ndarray],
    source_tokens: list[str],
    target_tokens: list[str],
    folder: Path,
) -> None:
    from ctranslate2.specs import common_spec, transformer_spec

    activations = {
        "gelu": common_spec.Activation.GELU,
        "relu": common_spec.Activation.RELU,
        "silu": common_spec.Activation.SWISH,
        "swish": common_spec.Activation.SWISH,
    }
    spec = transformer_spec.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=False,
        activation=activations[config["activation_function"]],
    )
    tensors = _Tensors(weights)
    scale = float(np.sqrt(config["d_model"])) if config.get("scale_embedding") else 1.0
    positions = _sinusoids(config["max_position_embeddings"], config["d_model"])

    for side, part, tokens in (("encoder", spec.encoder, source_tokens), ("decoder", spec.decoder, target_tokens)):
        part.scale_embeddings = scale
        part.position_encodings.encodings = tensors.get(f"model.{side}.embed_positions.weight", default=positions)
        embedding = part.embeddings[0] if isinstance(part.embeddings, list) else part.embeddings
        embedding.weight = tensors.first(f"model.{side}.embed_tokens.weight", "model.shared.weight")
        if len(embedding.weight) != len(tokens):
            raise ValueError(f"{side} has {len(embedding.weight)} embeddings for {len(tokens)} vocabulary entries")
        for index, layer in enumerate(part.layer):
            _layer(tensors, f"model.{side}.layers.{index}.", layer)

    output = spec.decoder.projection
    output.weight = tensors.first("lm_head.weight", "model.decoder.embed_tokens.weight", "model.shared.weight")
    bias = tensors.get("final_logits_bias", default=np.zeros(len(target_tokens), np.float32)).reshape(-1).copy()
    bias[config["pad_token_id"]] = _NEVER
    output.bias = bias

    # Marian starts from a zero embedding, which the original checkpoints store as the row of the
    # start token. Fine-tuning with tied embeddings moves that row, and then it must be used as it
    # is: CTranslate2's own converter drops it, and 8 of 36 translations of a small model went wrong.
    start = config["decoder_start_token_id"]
    spec.decoder.start_from_zero_embedding = not spec.decoder.embeddings.weight[start].any()
    spec.config.decoder_start_token = target_tokens[start]
    spec.config.eos_token = target_tokens[config["eos_token_id"]]
    spec.config.unk_token = "<unk>"

    spec.register_source_vocabulary(source_tokens)
    spec.register_target_vocabulary(target_tokens)
    spec.validate()
    spec.optimize(quantization=QUANTIZATION)
    spec.save(str(folder))


class _Tensors:
    """Float32 views of the checkpoint by name; one array per stored tensor, so that ties stay ties."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self._weights = {name: np.asarray(array, dtype=np.float32) for name, array in weights.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        return self._weights[name]

    def get(self, name: str, *, default: np.ndarray) -> np.ndarray:
        return self._weights.get(name, default)

    def first(self, *names: str) -> np.ndarray:
        return self[next((name for name in names if name in self._weights), names[0])]


def _layer(tensors: _Tensors, prefix: str, layer: Any) -> None:
    """Fill one encoder or decoder layer; only a decoder layer looks at the source."""
    _attention(tensors, prefix + "self_attn", layer.self_attention, fused=3)
    if prefix.startswith("model.decoder"):
        _attention(tensors, prefix + "encoder_attn", layer.attention, fused=1)
    for index in (0, 1):
        _linear(tensors, f"{prefix}fc{index + 1}", getattr(layer.ffn, f"linear_{index}"))
    _norm(tensors, prefix + "final_layer_norm", layer.ffn.layer_norm)


def _attention(tensors: _Tensors, name: str, spec: Any, *, fused: int) -> None:
    """Fill an attention block; query, key and value are one matrix (fused=3) or query stands alone."""
    from ctranslate2.converters.utils import fuse_linear
    from ctranslate2.specs import common_spec

    split = [common_spec.LinearSpec() for _ in range(3)]
    for part, letter in zip(split, "qkv", strict=True):
        _linear(tensors, f"{name}.{letter}_proj", part)
    fuse_linear(spec.linear[0], split[:fused])
    if fused < len(split):
        fuse_linear(spec.linear[1], split[fused:])
    _linear(tensors, f"{name}.out_proj", spec.linear[-1])
    _norm(tensors, f"{name}_layer_norm", spec.layer_norm)


def _linear(tensors: _Tensors, name: str, spec: Any) -> None:
    spec.weight, spec.bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _norm(tensors: _Tensors, name: str, spec: Any) -> None:
    spec.gamma, spec.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _sinusoids(count: int, width: int) -> np.ndarray:
    """Marian's position encodings, shape (count, width): sines in the left half, cosines in the right."""
    angles = np.arange(count)[:, None] / np.power(10_000, 2 * (np.arange(width) // 2) / width)[None, :]
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32)
