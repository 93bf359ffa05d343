"""From an OPUS-MT checkpoint to a CTranslate2 model: numpy in, int8 out, no torch for safetensors.

The architecture is Marian's post-norm Transformer with sinusoidal positions (Junczys-Dowmunt et
al. 2018, "Marian: Fast Neural Machine Translation in C++"); tensor names are those that
transformers' `MarianMTModel` saves.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.engines.checkpoints import WEIGHT_FILES, CheckpointFiles, Family
from backspeak.engines.transformer_weights import NEVER, QUANTIZATION, Tensors, activation, fill_layer, read_weights
from backspeak.errors import ModelError

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


def collect(checkpoint: CheckpointFiles) -> dict[str, Path]:
    """The files of an OPUS-MT model by name, its weights as "weights"."""
    config = checkpoint.get("config.json")
    names = ["vocab.json", "source.spm", "target.spm"]
    if config.is_file() and not shares_vocabulary(read_config(config)):
        names.append("target_vocab.json")
    files = {"config.json": config} | {name: checkpoint.get(name) for name in names}
    return files | {"weights": checkpoint.get(*WEIGHT_FILES)}


def convert(files: Mapping[str, Path], folder: Path) -> dict[str, Any]:
    """Write the checkpoint `files` (see `collect`) into `folder` as a CTranslate2 int8 model.

    Returns {"positions": tokens that an input may have}. Raises ModelError for anything but a
    Marian model.
    """
    config = read_config(files["config.json"])
    source_tokens = _tokens(files["vocab.json"])
    target_tokens = source_tokens if shares_vocabulary(config) else _tokens(files["target_vocab.json"])
    try:
        _write(config, read_weights(files["weights"]), source_tokens, target_tokens, folder)
    except (KeyError, IndexError, ValueError) as error:
        raise ModelError(f"{files['weights']} does not fit its config.json ({error}); download both again") from error
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(files[name], folder / name)
    return {"positions": config["max_position_embeddings"]}


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
    from ctranslate2.specs import transformer_spec

    spec = transformer_spec.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=False,
        activation=activation(config["activation_function"]),
    )
    tensors = Tensors(weights)
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
            fill_layer(tensors, f"model.{side}.layers.{index}.", layer)

    output = spec.decoder.projection
    output.weight = tensors.first("lm_head.weight", "model.decoder.embed_tokens.weight", "model.shared.weight")
    bias = tensors.get("final_logits_bias", default=np.zeros(len(target_tokens), np.float32)).reshape(-1).copy()
    bias[config["pad_token_id"]] = NEVER
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


def _sinusoids(count: int, width: int) -> np.ndarray:
    """Marian's position encodings, shape (count, width): sines in the left half, cosines in the right."""
    angles = np.arange(count)[:, None] / np.power(10_000, 2 * (np.arange(width) // 2) / width)[None, :]
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32)


FAMILY = Family("marian", "OPUS-MT", "Helsinki-NLP/opus-mt-en-es", "1", collect, convert)
