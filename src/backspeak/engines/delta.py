"""Adapters as low-rank differences to the base weights, stored as small integers.

For each matrix W of the base, of shape (out, in), the adapter holds factors A (out, r) and
B (r, in); the adapted matrix is W + A @ B. The factors come from a truncated singular value
decomposition of what training changed. Each column of A and each row of B is stored as int8 with
one float32 scale.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


def _quantize(factor: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    scale = np.maximum(np.abs(factor).max(axis=axis, keepdims=True), 1e-12) / 127
    return np.rint(factor / scale).astype(np.int8), scale.astype(np.float32)


def factorize(difference: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Best rank-`rank` factors (out, r) and (r, in) of a matrix, singular values shared evenly."""
    u, s, v = np.linalg.svd(difference, full_matrices=False)
    root = np.sqrt(s[:rank])
    return u[:, :rank] * root, v[:rank] * root[:, None]


def save(path: Path, factors: dict[str, tuple[np.ndarray, np.ndarray]], metadata: dict[str, str]) -> None:
    """Write quantised factors by matrix name."""
    arrays = {}
    for name, (left, right) in factors.items():
        arrays[f"{name}.left"], arrays[f"{name}.left_scale"] = _quantize(left, 0)
        arrays[f"{name}.right"], arrays[f"{name}.right_scale"] = _quantize(right, 1)
    save_file(arrays, str(path), metadata=metadata)


class Delta:
    """An adapter file opened for reading."""

    def __init__(self, path: Path) -> None:
        self._arrays = load_file(str(path))

    def apply(self, name: str, weight: np.ndarray) -> np.ndarray:
        """The adapted matrix; a matrix that the adapter does not hold comes back unchanged."""
        if f"{name}.left" not in self._arrays:
            return weight
        left = self._arrays[f"{name}.left"] * self._arrays[f"{name}.left_scale"]
        right = self._arrays[f"{name}.right"] * self._arrays[f"{name}.right_scale"]
        return weight + left @ right
