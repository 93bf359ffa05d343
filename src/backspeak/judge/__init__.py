"""The judge: findings in, one error probability a word and one a segment out.

This module is the seam. Whatever stands behind `Judge` (see models/judge/card.md) may be replaced
without a change elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.data import Findings
from backspeak.errors import ModelError
from backspeak.judge.features import SEGMENT_FEATURES, WORD_FEATURES, segment_features, word_features
from backspeak.judge.trees import Trees, logistic


@dataclass(frozen=True)
class Verdict:
    """What the judge thinks of one segment.

    `word_probability` has one float a word of the findings; `quality` is 0 to 100, the human
    direct assessment to be expected.
    """

    word_probability: np.ndarray
    error_probability: float
    quality: float


@dataclass(frozen=True)
class OperatingPoint:
    """Word probabilities from which a word is bad, and from which its span is major or critical."""

    minor: float
    major: float
    critical: float


def with_neighbours(probability: np.ndarray, standing: np.ndarray) -> np.ndarray:
    """Probability that a word or one beside it is wrong, where that pair is the likeliest place.

    A calque is seldom one word: two doubtful words side by side are a surer find than one. The
    pair is taken as independent (noisy or); `standing` is false for punctuation, which parts words.
    """
    joint = probability.copy()
    if len(probability) > 1:
        pair = 1.0 - (1.0 - probability[:-1]) * (1.0 - probability[1:])
        # Both must be doubtful: beside a sure find an unsuspicious word stays out of the flag.
        pair = np.where(
            standing[:-1] & standing[1:] & (np.minimum(probability[:-1], probability[1:]) > 0.25), pair, 0.0
        )
        joint[:-1] = np.maximum(joint[:-1], pair)
        joint[1:] = np.maximum(joint[1:], pair)
    return joint


class Judge:
    """Boosted trees over the evidence, calibrated on development data.

    `reads_likelihood` says whether the judge looks at the word likelihoods of the language model; the
    fast tier does without that model where it does not.
    """

    reads_likelihood = True

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or resources.models_dir() / "judge"
        try:
            self._settings = json.loads((self._folder / "judge.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ModelError(f"{self._folder} holds no judge; reinstall backspeak") from error
        if self._settings["word_features"] != list(WORD_FEATURES) or self._settings["segment_features"] != list(
            SEGMENT_FEATURES
        ):
            raise ModelError(f"{self._folder} was trained for another version of backspeak; reinstall it")
        self._words = Trees(self._folder / "words.safetensors")
        self._errors = Trees(self._folder / "errors.safetensors")
        self._quality = Trees(self._folder / "quality.safetensors")

    def signature(self) -> str:
        """Version of the weights, as `judge:...`."""
        return f"judge:{self._settings['version']}"

    def operating_point(self, *, sensitive: bool = False) -> OperatingPoint:
        """Thresholds chosen on development data: few false alarms, or more finds."""
        return OperatingPoint(**self._settings["operating_points"]["sensitive" if sensitive else "default"])

    def judge(self, findings: Sequence[Findings]) -> list[Verdict]:
        """One verdict a segment, in order; the result does not depend on the batch."""
        if not findings:
            return []
        rows = [word_features(each) for each in findings]
        flat = np.concatenate(rows)
        probability = self._calibrated("words", logistic(self._words(flat)))
        by_segment = np.split(probability, np.cumsum([len(each) for each in rows])[:-1])
        table = np.stack([segment_features(each, mine) for each, mine in zip(findings, by_segment, strict=True)])
        errors = self._calibrated("errors", logistic(self._errors(table)))
        quality = np.clip(self._quality(table), 0.0, 100.0)
        return [
            Verdict(mine, float(error), float(good))
            for mine, error, good in zip(by_segment, errors, quality, strict=True)
        ]

    def _calibrated(self, name: str, probability: np.ndarray) -> np.ndarray:
        curve = self._settings["calibration"][name]
        return np.interp(probability, curve["raw"], curve["calibrated"])
