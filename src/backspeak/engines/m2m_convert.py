"""From an M2M100 or NLLB checkpoint to a CTranslate2 model: numpy in, int8 out.

Both are the pre-norm Transformer of Fan et al. 2020, "Beyond English-Centric Multilingual Machine
Translation"; tensor names are those that transformers' `M2M100ForConditionalGeneration` saves. The
published weights are in torch's own format, so converting them needs torch once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.engines.checkpoints import WEIGHT_FILES, CheckpointFiles, Family
from backspeak.engines.transformer_weights import (
    NEVER,
    QUANTIZATION,
    Tensors,
    activation,
    fill_layer,
    fill_norm,
    read_weights,
)
from backspeak.errors import ModelError

# Rows of the position table before the first position: fairseq counts from the padding token on.
_POSITION_OFFSET = 2

M2M100_TEXT = "sentencepiece.bpe.model"
NLLB_TEXT = "tokenizer.json"


def _collector(*text_files: str) -> Callable[[CheckpointFiles], dict[str, Path]]:
    def collect(checkpoint: CheckpointFiles) -> dict[str, Path]:
        files = {name: checkpoint.get(name) for name in ("config.json", *text_files)}
        return files | {"weights": checkpoint.get(*WEIGHT_FILES)}

    return collect


def _convert_m2m100(files: Mapping[str, Path], folder: Path) -> dict[str, Any]:
    from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

    pieces = _json(files["vocab.json"])
    try:
        tokens = sorted(pieces, key=pieces.__getitem__)
    except (TypeError, AttributeError) as error:
        raise ModelError(f"{files['vocab.json']} is no vocabulary; download it again") from error
    # The tokenizer appends them to whatever the file holds.
    languages = [f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]]
    shutil.copyfile(files[M2M100_TEXT], folder / M2M100_TEXT)
    return _convert(files, [*tokens, *languages], folder) | {"languages": languages}


def _convert_nllb(files: Mapping[str, Path], folder: Path) -> dict[str, Any]:
    from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

    described = _json(files[NLLB_TEXT])
    try:
        ids = dict(described["model"]["vocab"]) | {each["content"]: each["id"] for each in described["added_tokens"]}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{files[NLLB_TEXT]} is no tokenizer of an NLLB model; download it again") from error
    shutil.copyfile(files[NLLB_TEXT], folder / NLLB_TEXT)
    languages = [code for code in FAIRSEQ_LANGUAGE_CODES if code in ids]
    return _convert(files, sorted(ids, key=ids.__getitem__), folder) | {"languages": languages}


def _convert(files: Mapping[str, Path], tokens: list[str], folder: Path) -> dict[str, Any]:
    config = _json(files["config.json"])
    if config.get("model_type") != "m2m_100":
        raise ModelError(
            f"{files['config.json']} describes a {config.get('model_type')!r} model; only M2M100 and NLLB work here"
        )
    try:
        _write(config, read_weights(files["weights"]), tokens, folder)
        return {"positions": config["max_position_embeddings"]}
    except (KeyError, IndexError, ValueError) as error:
        raise ModelError(f"{files['weights']} does not fit its config.json ({error}); download both again") from error


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON; download it again") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not what its name says; download it again")
    return content


def _write(config: Mapping[str, Any], weights: Mapping[str, np.ndarray], tokens: Sequence[str], folder: Path) -> None:
    from ctranslate2.specs import transformer_spec

    spec = transformer_spec.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=True,
        activation=activation(config["activation_function"]),
    )
    tensors = Tensors(weights)
    size = len(tensors.first("model.shared.weight", "model.encoder.embed_tokens.weight", "lm_head.weight"))
    if len(tokens) > size:
        raise ValueError(f"{size} embeddings for {len(tokens)} vocabulary entries")
    # The published tables are rounded up with rows that no token has.
    unused = [f"<unused-{number}>" for number in range(size - len(tokens))]
    vocabulary = [*tokens, *unused]
    positions = sinusoids(config["max_position_embeddings"] + _POSITION_OFFSET, config["d_model"])[_POSITION_OFFSET:]

    for side, part in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        part.scale_embeddings = float(np.sqrt(config["d_model"])) if config.get("scale_embedding") else 1.0
        part.position_encodings.encodings = positions
        embedding = part.embeddings[0] if isinstance(part.embeddings, list) else part.embeddings
        embedding.weight = tensors.first("model.shared.weight", f"model.{side}.embed_tokens.weight", "lm_head.weight")
        for index, layer in enumerate(part.layer):
            fill_layer(tensors, f"model.{side}.layers.{index}.", layer)
        fill_norm(tensors, f"model.{side}.layer_norm", part.layer_norm)

    output = spec.decoder.projection
    output.weight = tensors.first("lm_head.weight", "model.shared.weight")
    bias = np.zeros(size, np.float32)
    bias[[config["pad_token_id"], *range(len(tokens), size)]] = NEVER
    output.bias = bias

    spec.config.decoder_start_token = vocabulary[config["decoder_start_token_id"]]
    spec.config.bos_token = vocabulary[config["bos_token_id"]]
    spec.config.eos_token = vocabulary[config["eos_token_id"]]
    spec.config.unk_token = "<unk>"
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization=QUANTIZATION)
    spec.save(str(folder))


def sinusoids(count: int, width: int) -> np.ndarray:
    """fairseq's position encodings, shape (count, width): sines in the left half, cosines in the right."""
    half = width // 2
    angles = np.arange(count)[:, None] * np.exp(np.arange(half) * -(np.log(10_000) / (half - 1)))[None, :]
    table = np.zeros((count, width), np.float32)
    table[:, :half], table[:, half : 2 * half] = np.sin(angles), np.cos(angles)
    return table


M2M100 = Family("m2m100", "M2M100", "facebook/m2m100_418M", "1", _collector("vocab.json", M2M100_TEXT), _convert_m2m100)
NLLB = Family("nllb", "NLLB", "facebook/nllb-200-distilled-600M", "1", _collector(NLLB_TEXT), _convert_nllb)
