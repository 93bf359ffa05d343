"""The judge: findings in, one error probability a word and one a segment out.

This module is the seam. Whatever stands behind `Judge` (see models/judge/card.md) may be replaced
without a change elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from backspeak import resources
from backspeak.data import Findings
from backspeak.errors import ModelError
from backspeak.judge.encoder import Encoder
from backspeak.judge.features import SEGMENT_FEATURES, WORD_FEATURES, segment_features, word_features
from backspeak.judge.trees import Trees, logistic

# Log-odds of a word that the encoder did not read.
UNREAD = -6.0


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
    """Word probabilities from which a word is bad, and from which its span is major or critical.

    `minor_by_language` holds another `minor` for texts whose source language is stated: how many words are
    wrong, and how surely that is seen, differs much between them. `joins_neighbours` says whether two doubtful
    words side by side are held against it together (`with_neighbours`): with few flags wanted they are a surer find
    than one, at a threshold that takes single doubts anyway they bring false alarms (MCC .49 instead of .55 on the
    Romanian part of MLQE-PE dev).
    """

    minor: float
    major: float
    critical: float
    minor_by_language: Mapping[str, float] = field(default_factory=dict)
    joins_neighbours: bool = True

    def of(self, source_lang: str | None) -> OperatingPoint:
        """The point for a text that was translated from this language (BCP 47), or from one not stated."""
        own = self.minor_by_language.get((source_lang or "").split("-")[0].lower())
        return self if own is None else replace(self, minor=own)


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
    """An encoder that reads the text, boosted trees over its opinion and all other evidence, calibrated.

    `reads_likelihood` says whether the judge cannot do without the word likelihoods of the language model;
    the fast tier leaves that model alone where it can.
    """

    reads_likelihood = False

    def __init__(
        self,
        folder: Path | None = None,
        *,
        encoder: Encoder | None = None,
        threads: int = 0,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> None:
        self._folder = folder or resources.models_dir() / "judge"
        try:
            self._settings = json.loads((self._folder / "judge.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ModelError(f"{self._folder} holds no judge; reinstall backspeak") from error
        if self._settings["word_features"] != list(WORD_FEATURES) or self._settings["segment_features"] != list(
            SEGMENT_FEATURES
        ):
            raise ModelError(f"{self._folder} was trained for another version of backspeak; reinstall it")
        self._encoder, self._threads, self._progress = encoder, threads, progress
        self._words = Trees(self._folder / "words.safetensors")
        self._errors = Trees(self._folder / "errors.safetensors")

    def signature(self) -> str:
        """Version of the weights, as `judge:...`."""
        return f"judge:{self._settings['version']}"

    def operating_point(self, *, sensitive: bool = False) -> OperatingPoint:
        """Thresholds chosen on development data: few false alarms, or more finds."""
        return OperatingPoint(**self._settings["operating_points"]["sensitive" if sensitive else "default"])

    def load(self) -> Encoder:
        """Prepare and load the encoder now."""
        if self._encoder is None:
            self._encoder = Encoder(self._folder, self._threads, self._progress)
        return self._encoder

    def reads(self, source_lang: str | None) -> bool:
        """Whether the encoder has learned to read sources in this language; an unstated one is tried."""
        return source_lang is None or source_lang.split("-")[0].lower() in self._settings["source_languages"]

    def read(self, findings: Sequence[Findings]) -> None:
        """Have the encoder read every text that it has not read yet, alone and with its source."""
        unread = [
            each
            for each in findings
            if "alone" not in each.opinions or (self._sourced(each) and "source" not in each.opinions)
        ]
        opinions = self.load().opinions(
            [each.segment.text for each in unread],
            [each.words for each in unread],
            [each.segment.source if self._sourced(each) else None for each in unread],
        )
        for each, mine in zip(unread, opinions, strict=True):
            each.opinions.update(mine)

    def _sourced(self, findings: Findings) -> bool:
        return bool(findings.segment.source) and self.reads(findings.segment.source_lang)

    def judge(self, findings: Sequence[Findings]) -> list[Verdict]:
        """One verdict a segment, in order; the result does not depend on the batch."""
        if not findings:
            return []
        self.read(findings)
        probability = [
            self._calibrated(mode_of(each), logistic(raw))
            for each, raw in zip(findings, raw_log_odds(findings, self._words), strict=True)
        ]
        table = np.stack([segment_features(each, mine) for each, mine in zip(findings, probability, strict=True)])
        errors = self._calibrated("errors", logistic(self._errors(table)))
        quality = self._calibrated(
            "score", np.array([quality_of(each, self._settings["fluency"]) for each in findings])
        )
        return [
            Verdict(mine, float(error), float(good))
            for mine, error, good in zip(probability, errors, lifted(quality, errors), strict=True)
        ]

    def _calibrated(self, name: str, value: np.ndarray) -> np.ndarray:
        curve = self._settings["calibration"][name]
        return np.interp(value, curve["raw"], curve["calibrated"])


def lifted(quality: np.ndarray, error_probability: np.ndarray) -> np.ndarray:
    """Scores of 0 to 100, drawn towards 100 by the square of the probability that there is no error.

    Human scores of good translations seldom pass 80, so text that people wrote would score no better. On MLQE-PE
    dev this leaves Pearson as it is (.589 to .591 with the source, .508 to .504 without); human English
    rises from 77 to 86, and of our tuning pairs the wrong side scores lower in 83% instead of 59%.
    """
    return quality + (100.0 - quality) * (1.0 - error_probability) ** 2


def mode_of(findings: Findings) -> str:
    """What the word probabilities rest on: "text" or "source", and "deep" where more is known than the encoder's
    opinion."""
    return ("source" if "source" in findings.opinions else "text") + (" deep" if is_deep(findings) else "")


def is_deep(findings: Findings) -> bool:
    """Whether likelihoods or a round trip are known."""
    return bool(findings.likelihood or findings.back_translations)


def raw_log_odds(findings: Sequence[Findings], trees: Callable[[np.ndarray], np.ndarray]) -> list[np.ndarray]:
    """Log-odds of each word, uncalibrated: the encoder's own, and where more is known those of the trees.

    With nothing but its own opinion to go by, trees over it rank words worse than the encoder does (average
    precision .675 against .685 on MLQE-PE dev without the source).
    """
    raw: list[np.ndarray] = []
    for each in findings:
        opinion = each.opinions.get("source", each.opinions["alone"])
        # Beyond what the encoder reads nothing is suspected.
        raw.append(np.nan_to_num(opinion.bad, nan=UNREAD))
    deep = [index for index, each in enumerate(findings) if is_deep(each) and each.words]
    if deep:
        rows = [word_features(findings[index]) for index in deep]
        parts = np.split(trees(np.concatenate(rows)), np.cumsum([len(each) for each in rows])[:-1])
        for index, part in zip(deep, parts, strict=True):
            raw[index] = part
    return raw


def quality_of(findings: Findings, fluency: dict[str, float]) -> float:
    """The human score to be expected, in standard deviations: the encoder's, moved a little by how likely the
    language model finds the words (`fluency`: weight a nat, and the mean that moves nothing)."""
    quality = findings.opinions.get("source", findings.opinions["alone"]).quality
    likelihood = findings.likelihood.get("alone_total")
    if likelihood is not None and np.isfinite(likelihood).any():
        quality += fluency["weight"] * (float(np.nanmean(likelihood)) - fluency["mean"])
    return quality
