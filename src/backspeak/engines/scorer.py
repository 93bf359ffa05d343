"""Weighing given text: all wordings of a text in one pass, their common beginnings read once.

Token sequences that begin alike are a tree; attention lets each token see the way from the root to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.engines.gemma_onnx import SCORER

NAME = SCORER

# Tokens of a tree. What a larger one saves by common beginnings it loses in attention, which is quadratic.
_TREE = 512


class Scorer:
    """A scorer graph of `gemma_onnx.write_onnx`, computed on the calling thread."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def totals(self, sequences: Sequence[Sequence[int]], scored: Sequence[int]) -> list[float]:
        """Log-probability (nats) of the last `scored` tokens of each sequence, after those before them.

        The result depends on all sequences in the order given, if only by rounding. The first token, which
        nothing goes before, cannot be scored.
        """
        found: list[float] = []
        while len(found) < len(sequences):
            tree = _Tree()
            for sequence, count in zip(sequences[len(found) :], scored[len(found) :], strict=True):
                if not tree.add(sequence, count):
                    break
            found += self._weighed(tree)
        return found

    def _weighed(self, tree: _Tree) -> list[float]:
        places, targets = tree.asked()
        scores = np.zeros(len(tree.tokens))
        if len(places):
            ids, positions = np.array([tree.tokens]), np.array([tree.depths])
            (log_probability,) = self._run("log_probability", ids, positions, tree.bias(), places, targets)
            scores[sorted(tree.wanted)] = log_probability
        return [float(scores[path].sum()) for path in tree.paths]

    def logits(self, sequences: np.ndarray, scored: Sequence[int]) -> list[np.ndarray]:
        """What may follow, for each of the last `scored` tokens of each row of (rows, tokens) the token before it.

        One array (scored, vocabulary) a row. It does not depend on the other rows.
        """
        rows, length = sequences.shape
        bias = np.where(np.tri(length, dtype=bool), np.float32(0), np.float32(-np.inf))
        places = np.concatenate(
            [row * length + np.arange(length - 1 - count, length - 1) for row, count in enumerate(scored)]
        )
        (found,) = self._run(
            "logits",
            sequences,
            np.broadcast_to(np.arange(length), (rows, length)),
            np.broadcast_to(bias, (rows, 1, 1, length, length)),
            places,
            np.zeros(len(places), np.int64),
        )
        return np.split(found, np.cumsum(scored)[:-1])

    def _run(
        self,
        name: str,
        ids: np.ndarray,
        positions: np.ndarray,
        bias: np.ndarray,
        places: np.ndarray,
        targets: np.ndarray,
    ) -> Any:
        inputs = {"ids": ids, "positions": positions, "bias": bias, "places": places, "targets": targets}
        return self._session.run([name], {key: np.ascontiguousarray(value) for key, value in inputs.items()})


class _Tree:
    """Sequences of tokens whose common beginnings are the same nodes; a node comes after those before it."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.depths: list[int] = []
        self.paths: list[list[int]] = []  # the scored nodes of each sequence
        self.wanted: set[int] = set()
        self._parents: list[int] = []
        self._nodes: dict[tuple[int, int], int] = {}

    def add(self, sequence: Sequence[int], scored: int) -> bool:
        """Add a sequence unless the tree is full; an empty one takes any."""
        path, known = [], 0
        node = -1
        for token in sequence:
            following = self._nodes.get((node, token))
            if following is None:
                break
            node, known = following, known + 1
            path.append(node)
        if self.paths and len(self.tokens) + len(sequence) - known > _TREE:
            return False
        for depth in range(known, len(sequence)):
            self._nodes[node, sequence[depth]] = len(self.tokens)
            self._parents.append(node)
            node = len(self.tokens)
            self.tokens.append(sequence[depth])
            self.depths.append(depth)
            path.append(node)
        self.paths.append(path[len(path) - scored :])
        self.wanted.update(self.paths[-1])
        return True

    def asked(self) -> tuple[np.ndarray, np.ndarray]:
        """The node before each wanted one, and the token of this, in the order of the wanted ones."""
        wanted = sorted(self.wanted)
        return (
            np.array([self._parents[node] for node in wanted], np.int64),
            np.array([self.tokens[node] for node in wanted], np.int64),
        )

    def bias(self) -> np.ndarray:
        """(1, 1, 1, tokens, tokens) float32: 0 where a node sees another, itself among them, and else -inf."""
        count = len(self.tokens)
        sees = np.zeros((count, count), bool)
        for node, parent in enumerate(self._parents):
            if parent >= 0:
                sees[node] = sees[parent]
            sees[node, node] = True
        return np.where(sees, np.float32(0), np.float32(-np.inf))[None, None, None]
