"""Tensors of a Transformer, as transformers' encoder-decoder models name them, put into a CTranslate2 spec.

Marian and M2M100 name their layers alike; what differs is said where they are converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.errors import ModelError

QUANTIZATION = "int8"

# Added to the score of a token that the network never learned not to write.
NEVER = np.float32(-1e9)


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


class Tensors:
    """Float32 views of the checkpoint by name; one array per stored tensor, so that ties stay ties."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self._weights = {name: np.asarray(array, dtype=np.float32) for name, array in weights.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        return self._weights[name]

    def get(self, name: str, *, default: np.ndarray) -> np.ndarray:
        return self._weights.get(name, default)

    def first(self, *names: str) -> np.ndarray:
        return self[next((name for name in names if name in self._weights), names[0])]


def fill_layer(tensors: Tensors, prefix: str, layer: Any) -> None:
    """Fill one encoder or decoder layer; only a decoder layer looks at the source."""
    _attention(tensors, prefix + "self_attn", layer.self_attention, fused=3)
    if prefix.startswith("model.decoder"):
        _attention(tensors, prefix + "encoder_attn", layer.attention, fused=1)
    for index in (0, 1):
        _linear(tensors, f"{prefix}fc{index + 1}", getattr(layer.ffn, f"linear_{index}"))
    fill_norm(tensors, prefix + "final_layer_norm", layer.ffn.layer_norm)


def _attention(tensors: Tensors, name: str, spec: Any, *, fused: int) -> None:
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
    fill_norm(tensors, f"{name}_layer_norm", spec.layer_norm)


def _linear(tensors: Tensors, name: str, spec: Any) -> None:
    spec.weight, spec.bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def fill_norm(tensors: Tensors, name: str, spec: Any) -> None:
    spec.gamma, spec.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def activation(name: str) -> Any:
    """CTranslate2's activation of that name; KeyError for one that no converted model has."""
    from ctranslate2.specs import common_spec

    return {
        "gelu": common_spec.Activation.GELU,
        "relu": common_spec.Activation.RELU,
        "silu": common_spec.Activation.SWISH,
        "swish": common_spec.Activation.SWISH,
    }[name]
