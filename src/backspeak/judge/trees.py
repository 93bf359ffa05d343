"""Boosted trees as plain arrays: written by training, walked with numpy, no pickle anywhere.

A node holds the feature it asks for, a threshold, where values at or below it go (`left`), where
the others go (`right`), whether an unknown value (NaN) goes left, and the value of a leaf. Leaves
point to themselves, so that every row can take the same number of steps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

# Rows times trees walked at once: bounds the memory of a large batch.
_CELLS_AT_ONCE = 1 << 21


class Trees:
    """An additive ensemble read from a safetensors file."""

    def __init__(self, path: Path) -> None:
        arrays = load_file(str(path))
        self._feature = arrays["feature"]  # (trees, nodes), as are the next five
        self._threshold = arrays["threshold"]
        self._left = arrays["left"]
        self._right = arrays["right"]
        self._unknown_left = arrays["unknown_left"].astype(bool)
        self._value = arrays["value"]
        self._baseline = float(arrays["baseline"][0])
        self._depth = int(arrays["depth"][0])

    def __call__(self, table: np.ndarray) -> np.ndarray:
        """Sum of the trees for each row of a float32 table (rows, features): float64 of shape (rows,)."""
        rows = max(1, _CELLS_AT_ONCE // len(self._feature))
        parts = [self._walk(table[start : start + rows]) for start in range(0, len(table), rows)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _walk(self, table: np.ndarray) -> np.ndarray:
        tree = np.arange(len(self._feature))[None, :]
        node = np.zeros((len(table), len(self._feature)), dtype=np.int32)
        row = np.arange(len(table))[:, None]
        for _ in range(self._depth):
            value = table[row, self._feature[tree, node]]
            goes_left = np.where(np.isnan(value), self._unknown_left[tree, node], value <= self._threshold[tree, node])
            node = np.where(goes_left, self._left[tree, node], self._right[tree, node])
        return self._baseline + self._value[tree, node].sum(axis=1, dtype=np.float64)


def logistic(log_odds: np.ndarray) -> np.ndarray:
    """Probability of log-odds."""
    return 1.0 / (1.0 + np.exp(-log_odds))
