"""Pictures for the judge's card, as SVG: how reliable its probabilities are, and what length does to scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "backspeak"  # the same figures give the same bytes

from matplotlib import pyplot  # noqa: E402


def reliability(tables: Mapping[str, Sequence[Mapping[str, float]]], path: Path) -> None:
    """Said against was, one panel a table (rows with "said", "was" and "share"); perfect is the diagonal."""
    figure, axes = pyplot.subplots(1, len(tables), figsize=(4.2 * len(tables), 4.0), squeeze=False)
    for axis, (name, rows) in zip(axes[0], tables.items(), strict=True):
        axis.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
        axis.plot([row["said"] for row in rows], [row["was"] for row in rows], color="#1f5fa8", linewidth=1)
        axis.scatter(
            [row["said"] for row in rows],
            [row["was"] for row in rows],
            s=[20 + 400 * row["share"] ** 0.5 for row in rows],
            color="#1f5fa8",
            alpha=0.6,
        )
        axis.set(title=name, xlabel="probability said", ylabel="share that was wrong", xlim=(0, 1), ylim=(0, 1))
    _save(figure, path)


def length_curve(curves: Mapping[str, Sequence[tuple[int, float, float]]], path: Path) -> None:
    """Mean score by length: one line a kind of text, points (words, mean score, standard error)."""
    figure, axis = pyplot.subplots(figsize=(6.0, 3.6))
    for name, points in curves.items():
        words, means, errors = zip(*points, strict=True)
        axis.errorbar(
            words, means, yerr=[1.96 * each for each in errors], marker="o", markersize=3, linewidth=1, label=name
        )
    axis.set(xlabel="words in the sentence", ylabel="mean score", ylim=(0, 100))
    axis.legend(frameon=False)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})
    pyplot.close(figure)
