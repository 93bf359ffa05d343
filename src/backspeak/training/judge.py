"""Fit the judge: boosted trees over the encoder's opinion and all other evidence.

The encoder has learned from the training parts (`training.encoder`); the trees learn from the
development parts, which it has not seen: MLQE-PE dev, clean English and damaged English that hash into the
development part, and our own pairs. All figures here come from five folds by sentence.

Every sentence teaches in several modes, what a mode lacks being unknown (NaN): the text alone or
with its source, as the encoder reads it, for all of them; with likelihoods, and for a share with the round trip,
collected by the pipeline itself, for the `deep` ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from backspeak.config import Settings
from backspeak.data import Findings
from backspeak.engines.bundled import BundledEngine
from backspeak.evaluation import calibration_error, matthews, overlaps, pearson
from backspeak.evidence.words import is_punctuation, word_offsets
from backspeak.judge import is_deep, lifted, mode_of, quality_of, raw_log_odds
from backspeak.judge.encoder import VOCABULARY, WEIGHTS, Encoder
from backspeak.judge.features import SEGMENT_FEATURES, WORD_FEATURES, segment_features, word_features
from backspeak.judge.trees import logistic
from backspeak.pipeline import BATCH, Pipeline
from backspeak.spans import flag_probability
from backspeak.training import examples, plots
from backspeak.training.corruption import Corrupter, wordnet_synonyms
from backspeak.training.examples import MLQE_PAIRS, Example, part_of, share

Log = Callable[[str], None]

# Human scores run from 0 to 100; text that people wrote is taken to score this (our guess).
CLEAN_SCORE = 97.0
# Thresholds that are tried.
_GRID = np.linspace(0.05, 0.95, 91)


@dataclass(frozen=True)
class JudgeRecipe:
    """How much of each data set is used, and what decides the trees and the operating points."""

    clean: int = 2000
    corrupted: int = 1500
    deep_per_pair: int = 200
    deep_clean: int = 400
    deep_corrupted: int = 300
    round_trip_share: float = 0.4  # of the deep sentences, chosen by hash; the others teach without one
    max_words: int = 60
    iterations: int = 150
    leaves: int = 8
    learning_rate: float = 0.06
    pair_weight: float = 10.0
    clean_weight: float = 2.0
    bags: int = 3  # word models on resampled sentences, averaged (Breiman 1996)
    flags_per_1000: float = 5.0  # on clean text of the development set, all severities
    major_per_1000: float = 1.5
    critical_per_1000: float = 0.5
    fluency_weight: float = 0.1  # standard deviations of the score for a nat a word
    seed: int = 20261122


def development(data: Path, wordnet: Path, own_pairs: Sequence[Path], recipe: JudgeRecipe) -> dict[str, list[Example]]:
    """The examples by kind; those that are collected deeply come first."""
    english = [each for each in examples.clean_english(data, recipe.seed) if part_of(each.text) == "train"]
    references = examples.clean_english(data, recipe.seed, references_only=True)
    held = [each for each in references if part_of(each.text) == "dev"]
    corrupter = Corrupter((each.text for each in english), wordnet_synonyms(wordnet), recipe.seed)
    mlqe = [each for each in examples.mlqe(data, "dev") if len(word_offsets(each.segment.text)) <= recipe.max_words]
    return {
        "mlqe": mlqe,
        "clean": list(islice(examples.clean(held), recipe.clean)),
        "corrupted": list(islice(examples.corrupted(reversed(held), corrupter), recipe.corrupted)),
        "pairs": list(examples.pairs(own_pairs)),
    }


def deep_part(found: dict[str, list[Example]], recipe: JudgeRecipe) -> list[Example]:
    """Those examples for which likelihoods, and for a share the round trip, are collected."""
    chosen = list(found["pairs"])
    for pair in MLQE_PAIRS:
        chosen += [e for e in found["mlqe"] if e.segment.source_lang == pair][: recipe.deep_per_pair]
    return chosen + found["clean"][: recipe.deep_clean] + found["corrupted"][: recipe.deep_corrupted]


def weight(example: Example, recipe: JudgeRecipe) -> float:
    """How much an example counts in the fit."""
    if example.kind == "pairs":
        return recipe.pair_weight
    return recipe.clean_weight if example.clean else 1.0


def score_of(example: Example) -> float:
    """The human score, or what we take that of human English to be (0 to 100)."""
    return CLEAN_SCORE if example.score is None else example.score


def read_only(found: Iterable[Example], encoder: Encoder) -> list[tuple[Example, list[Findings]]]:
    """What the fast tier finds: the encoder's opinion of the text alone, and with its source."""
    every = list(found)
    words = [word_offsets(each.segment.text) for each in every]
    texts = [each.segment.text for each in every]
    collected = []
    for example, mine, opinions in zip(
        every, words, encoder.opinions(texts, words, [each.segment.source for each in every]), strict=True
    ):
        bare = replace(example.segment, source=None, source_lang=None)
        modes = [Findings(bare, mine, opinions={"alone": opinions["alone"]})]
        if "source" in opinions:
            modes.append(Findings(example.segment, mine, opinions=opinions))
        collected.append((example, modes))
    return collected


def collect(
    pipeline: Pipeline, found: Sequence[Example], round_trip_share: float, log: Log
) -> list[tuple[Example, list[Findings]]]:
    """Findings of each example in every deep mode: likelihoods alone, with its source, with the round trip."""
    collected = []
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        deep = [e for e in batch if e.kind == "pairs" or share("share" + e.segment.text) < round_trip_share]
        free = pipeline.collect([replace(each.segment, source=None, source_lang=None) for each in deep])
        with_pivot = {id(example): findings for example, findings in zip(deep, free, strict=True)}
        without = pipeline.collect([each.segment for each in batch], round_trip=False)
        for example, sourced in zip(batch, without, strict=True):
            alone = {name: values for name, values in sourced.likelihood.items() if name.startswith("alone")}
            bare = replace(example.segment, source=None, source_lang=None)
            modes = [replace(sourced, segment=bare, mode=None, likelihood=alone)]
            if sourced.mode == "source":
                modes.append(sourced)
            pivoted = with_pivot.get(id(example))
            if pivoted is not None:
                modes.append(pivoted)
                if sourced.mode == "source":
                    known = pivoted.likelihood | sourced.likelihood
                    both = replace(pivoted, segment=example.segment, mode="source", likelihood=known)
                    modes.append(both)
            collected.append((example, modes))
        log(f"collected {len(collected)}/{len(found)}")
    return collected


def add_opinions(collected: Sequence[tuple[Example, list[Findings]]], encoder: Encoder) -> None:
    """Have the encoder read what the pipeline collected."""
    read = {id(example): modes for example, modes in read_only([example for example, _ in collected], encoder)}
    for example, modes in collected:
        opinions = read[id(example)][-1].opinions
        for findings in modes:
            sourced = findings.segment.source is not None
            findings.opinions = {name: one for name, one in opinions.items() if name == "alone" or sourced}


@dataclass
class Table:
    """Training rows: word features with truth, and where each segment's words begin."""

    findings: list[Findings]
    examples: list[Example]
    words: np.ndarray  # (all words, features)
    truth: np.ndarray  # (all words,) bool
    splits: np.ndarray  # row at which each segment but the first begins
    recipe: JudgeRecipe

    @classmethod
    def of(cls, collected: Sequence[tuple[Example, list[Findings]]], recipe: JudgeRecipe) -> Table:
        flat = [(example, findings) for example, modes in collected for findings in modes if findings.words]
        rows = [word_features(findings) for _, findings in flat]
        truth = [overlaps(findings.words, example.bad) for example, findings in flat]
        return cls(
            [findings for _, findings in flat],
            [example for example, _ in flat],
            np.concatenate(rows),
            np.concatenate(truth),
            np.cumsum([len(each) for each in rows])[:-1],
            recipe,
        )

    def by_segment(self, values: np.ndarray) -> list[np.ndarray]:
        """Values a word, cut into one array a segment."""
        return np.split(values, self.splits)

    def per_word(self, values: Sequence[float] | np.ndarray) -> np.ndarray:
        """Values a segment, repeated for each of its words."""
        return np.repeat(values, np.diff([0, *self.splits, len(self.words)]))

    def weights(self) -> np.ndarray:
        """Weight of each segment; the modes of one sentence share its weight."""
        modes = dict.fromkeys((id(each) for each in self.examples), 0)
        for each in self.examples:
            modes[id(each)] += 1
        return np.array([weight(each, self.recipe) / modes[id(each)] for each in self.examples])

    def sentences(self) -> np.ndarray:
        """A number for each segment's sentence, the same in all its modes."""
        numbers = {text: n for n, text in enumerate(dict.fromkeys(each.segment.text for each in self.examples))}
        return np.array([numbers[each.segment.text] for each in self.examples])

    def folds(self) -> np.ndarray:
        """Fold 0 to 4 of each segment, the same for all modes of a sentence."""
        return np.array([int(5 * share("fold" + each.segment.text)) % 5 for each in self.examples])

    def of_mode(self, name: str) -> np.ndarray:
        """Indices of the segments judged in this mode (see `mode_name`)."""
        return np.array([i for i, findings in enumerate(self.findings) if mode_name(findings) == name], int)


MODES = ("text", "source", "text+likelihood", "source+likelihood", "text+round trip", "source+round trip")


def mode_name(findings: Findings) -> str:
    """What stood behind the findings: the source or not, and what besides the encoder."""
    sourced = "source" if findings.segment.source is not None else "text"
    if findings.back_translations:
        return sourced + "+round trip"
    return sourced + ("+likelihood" if findings.likelihood else "")


def held_out_words(table: Table, recipe: JudgeRecipe) -> np.ndarray:
    """Log-odds of every word, uncalibrated: the encoder's, and in deep modes those of trees that did not see
    the sentence (five folds)."""
    raw = np.concatenate(
        raw_log_odds([replace(f, likelihood={}, back_translations=[]) for f in table.findings], np.zeros_like)
    )
    folds, weights, sentences = table.folds(), table.weights(), table.sentences()
    deep = np.array([is_deep(findings) for findings in table.findings])
    for fold in range(5):
        seen, mine = table.per_word(deep & (folds != fold)), table.per_word(deep & (folds == fold))
        if mine.any():
            models = _fit_words(table, seen, weights, sentences, recipe)
            raw[mine] = models.log_odds(table.words[mine])
    return raw


def _fit_words(
    table: Table, rows: np.ndarray, weights: np.ndarray, sentences: np.ndarray, recipe: JudgeRecipe
) -> Bagged:
    return Bagged(recipe).fit(
        table.words[rows], table.truth[rows], table.per_word(weights)[rows], table.per_word(sentences)[rows]
    )


def _fit_errors(table: Table, features: np.ndarray, chosen: np.ndarray, recipe: JudgeRecipe):
    truth = np.array([example.has_error for example in table.examples])[chosen]
    known = _something_known(features[chosen])
    return _boosted(HistGradientBoostingClassifier, recipe).fit(known, truth, table.weights()[chosen])


def modes_of(table: Table) -> np.ndarray:
    """The judge's mode of each segment."""
    return np.array([mode_of(findings) for findings in table.findings])


def word_curves(table: Table, raw: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """A calibration curve a mode."""
    modes, weights = table.per_word(modes_of(table)), table.per_word(table.weights())
    return {
        str(mode): _calibration(logistic(raw[modes == mode]), table.truth[modes == mode], weights[modes == mode])
        for mode in np.unique(modes)
    }


def calibrated_words(table: Table, raw: np.ndarray, curves: dict[str, dict[str, list[float]]]) -> np.ndarray:
    """Word probabilities, each by the curve of its mode."""
    modes, probability = table.per_word(modes_of(table)), np.zeros(len(raw))
    for mode, curve in curves.items():
        probability[modes == mode] = calibrated(logistic(raw[modes == mode]), curve)
    return probability


def fit(table: Table, recipe: JudgeRecipe, languages: Sequence[str], out: Path, log: Log) -> dict[str, Any]:
    """Fit the models, calibrate and choose operating points on held-out folds; write them, return the scores."""
    weights, folds = table.weights(), table.folds()
    raw = held_out_words(table, recipe)
    log("five folds of word models")
    curves = word_curves(table, raw)
    probability = calibrated_words(table, raw, curves)
    features = segment_table(table, probability)
    truth = np.array([each.has_error for each in table.examples])
    errors = np.zeros(len(folds))
    for fold in range(5):
        errors[folds == fold] = _fit_errors(table, features, folds != fold, recipe).predict_proba(
            features[folds == fold]
        )[:, 1]
    error_curve = _calibration(errors, truth, weights)
    everything = np.ones(len(table.examples), bool)
    error_model = _fit_errors(table, features, everything, recipe)
    deep = table.per_word([is_deep(findings) for findings in table.findings])
    words = _fit_words(table, deep if deep.any() else ~deep, weights, table.sentences(), recipe)
    fluency = {"weight": recipe.fluency_weight, "mean": _mean_likelihood(table)}
    value = np.array([quality_of(findings, fluency) for findings in table.findings])
    score_curve = _score_curve(table, value)
    score = lifted(calibrated(value, score_curve), calibrated(errors, error_curve))
    points = operating_points(table, probability, recipe)
    out.mkdir(parents=True, exist_ok=True)
    write_trees(words.members, out / "words.safetensors")
    write_trees([error_model], out / "errors.safetensors")
    written = (WEIGHTS, VOCABULARY, "words.safetensors", "errors.safetensors")
    settings: dict[str, Any] = {
        "version": hashlib.sha256(b"".join((out / name).read_bytes() for name in written)).hexdigest()[:8],
        "word_features": list(WORD_FEATURES),
        "segment_features": list(SEGMENT_FEATURES),
        "source_languages": list(languages),
        "fluency": fluency,
        "calibration": {**curves, "errors": error_curve, "score": score_curve},
        "operating_points": points,
    }
    (out / "judge.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    scores: dict[str, Any] = {
        "recipe": asdict(recipe),
        "operating_points": points,
        "folds": {mode: _scores(table, table.of_mode(mode), probability, score, points) for mode in MODES},
        "reliability": {
            "words": _reliability(probability, table.truth, table.per_word(weights)),
            "segments": _reliability(calibrated(errors, error_curve), truth, weights),
        },
    }
    scores["length"] = length_curves(table, score)
    plots.reliability(scores["reliability"], out / "reliability.svg")
    plots.length_curve(scores["length"], out / "length.svg")
    (out / "recipe.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return scores


def _mean_likelihood(table: Table) -> float:
    """Mean log-probability of a word, over the sentences whose likelihoods are known (nats)."""
    known = [f.likelihood["alone_total"] for f in table.findings if "alone_total" in f.likelihood]
    return float(np.mean([np.nanmean(each) for each in known])) if known else 0.0


def _score_curve(table: Table, value: np.ndarray) -> dict[str, list[float]]:
    """From standard deviations to a score of 0 to 100: the straight line through human scores and text that
    people wrote (taken to score `CLEAN_SCORE`). A curve through them correlates worse with human scores
    (.571 against .589, with the source)."""
    known = np.array([e.kind in ("mlqe", "clean") for e in table.examples])
    goal = np.array([score_of(example) for example in table.examples])[known]
    slope, start = np.polyfit(value[known], goal, 1, w=np.sqrt(table.weights()[known]))
    ends = np.array([0.0, 100.0])
    return {"raw": [round(float(x), 4) for x in (ends - start) / slope], "calibrated": ends.tolist()}


def length_curves(table: Table, score: np.ndarray) -> dict[str, list[tuple[int, float, float]]]:
    """Mean score of the text alone by its length in words (steps of ten): (middle, mean, standard error)."""
    curves: dict[str, list[tuple[int, float, float]]] = {}
    chosen = table.of_mode("text")
    for name, kind in (("written by people", "clean"), ("machine translation", "mlqe"), ("damaged", "corrupted")):
        mine = [i for i in chosen if table.examples[i].kind == kind]
        tens = np.array([len(table.findings[i].words) // 10 for i in mine])
        for ten in np.unique(tens):
            values = score[mine][tens == ten]
            if len(values) >= 20:
                error = float(values.std() / np.sqrt(len(values)))
                curves.setdefault(name, []).append((int(10 * ten + 5), round(float(values.mean()), 2), round(error, 2)))
    return curves


def ablation(
    collected: Sequence[tuple[Example, list[Findings]]], recipe: JudgeRecipe, log: Log
) -> dict[str, dict[str, Any]]:
    """The sentences that have a round trip, judged with parts of the evidence; five folds each."""

    def stripped(findings: Findings, *, likelihoods: bool, round_trip: bool) -> Findings:
        bare = findings if likelihoods else replace(findings, likelihood={})
        return bare if round_trip else replace(bare, back_translations=[], proposals=[], likelihood=_alone(bare))

    result = {}
    for mode in ("text+round trip", "source+round trip"):
        mine = [(e, [f for f in modes if mode_name(f) == mode]) for e, modes in collected]
        mine = [(example, modes) for example, modes in mine if modes]
        for name, parts in (
            ("the text as the encoder reads it", (False, False)),
            ("with likelihoods", (True, False)),
            ("with the round trip", (False, True)),
            ("with both", (True, True)),
        ):
            table = Table.of(
                [(e, [stripped(f, likelihoods=parts[0], round_trip=parts[1]) for f in modes]) for e, modes in mine],
                recipe,
            )
            raw = held_out_words(table, recipe)
            probability = calibrated_words(table, raw, word_curves(table, raw))
            fluency = {"weight": recipe.fluency_weight, "mean": _mean_likelihood(table)}
            score = np.array([quality_of(findings, fluency) for findings in table.findings])
            key = f"{mode.split('+')[0]}: {name}"
            result[key] = _scores(table, np.arange(len(table.examples)), probability, score, None)
            log(f"{key}: {result[key]}")
    return result


def _alone(findings: Findings) -> dict[str, Any]:
    """Likelihoods that need no round trip and no rewriter: those of the text alone, and those given a source."""
    kinds = ("alone", "given") if findings.mode == "source" else ("alone",)
    return {name: values for name, values in findings.likelihood.items() if name.startswith(kinds)}


def operating_points(table: Table, probability: np.ndarray, recipe: JudgeRecipe) -> dict[str, dict[str, Any]]:
    """Thresholds by flags a thousand clean words (default) and by the best word MCC on MLQE-PE (sensitive).

    The default must hold in the mode without source, with the round trip and without it.
    """
    parts = table.by_segment(probability)
    by_mode = [
        [i for i in table.of_mode(mode) if table.examples[i].clean and table.examples[i].kind == "clean"]
        for mode in ("text", "text+round trip")
    ]

    def lowest(per_1000: float) -> float:
        for threshold in np.arange(0.1, 1.0, 0.002):
            rates = [
                flags_per_1000([table.findings[i] for i in mine], [parts[i] for i in mine], float(threshold))
                for mine in by_mode
                if mine
            ]
            if max(rates) <= per_1000:
                return float(threshold)
        return 1.0

    minor = lowest(recipe.flags_per_1000)
    default = {
        "minor": minor,
        "major": max(minor, lowest(recipe.major_per_1000)),
        "critical": max(minor, lowest(recipe.critical_per_1000)),
    }
    truths = table.by_segment(table.truth)

    def best(pairs: Sequence[str]) -> float:
        """The threshold with the best MCC on these pairs of MLQE-PE, the mean of both modes; not above the default."""
        documents = {f"{pair}-en" for pair in pairs}
        judged = []
        for mode in ("text", "source"):
            mine = [i for i in table.of_mode(mode) if table.examples[i].segment.document in documents]
            if mine:
                judged.append((np.concatenate([truths[i] for i in mine]), np.concatenate([parts[i] for i in mine])))
        at = [np.mean([matthews(truth, guess >= threshold) for truth, guess in judged] or [0.0]) for threshold in _GRID]
        return min(float(_GRID[int(np.argmax(at))]), minor)

    languages = {each.segment.document for each in table.examples if each.kind == "mlqe"}
    own = [pair for pair in MLQE_PAIRS if f"{pair}-en" in languages]
    sensitive = {
        "minor": best(own),
        "major": default["minor"],
        "critical": default["major"],
        "minor_by_language": {pair: best([pair]) for pair in own},
        "joins_neighbours": False,
    }
    return {"default": default, "sensitive": sensitive}


def flags_per_1000(findings: Sequence[Findings], probability: Sequence[np.ndarray], threshold: float) -> float:
    """Runs of words at or above the threshold, a thousand words; punctuation counts for neither."""
    flags = total = 0
    for each, mine in zip(findings, probability, strict=True):
        inside = False
        for (start, end), value in zip(each.words, flag_probability(each, mine), strict=True):
            if is_punctuation(each.segment.text[start:end]):
                inside = False
                continue
            total += 1
            flags += value >= threshold and not inside
            inside = value >= threshold
    return 1000 * flags / max(1, total)


def _boosted(kind, recipe: JudgeRecipe):
    return kind(
        max_iter=recipe.iterations,
        max_leaf_nodes=recipe.leaves,
        learning_rate=recipe.learning_rate,
        min_samples_leaf=30,
        l2_regularization=1.0,
        random_state=recipe.seed,
    )


def _something_known(rows: np.ndarray) -> np.ndarray:
    """The rows with columns of which nothing is known set to 0: scikit-learn cannot bin them."""
    unknown = np.isnan(rows).all(axis=0)
    return np.where(unknown, 0.0, rows) if unknown.any() else rows


class Bagged:
    """Classifiers fitted on resampled sentences; their log-odds are averaged."""

    def __init__(self, recipe: JudgeRecipe) -> None:
        self._recipe = recipe
        self.members: list[HistGradientBoostingClassifier] = []

    def fit(self, rows: np.ndarray, truth: np.ndarray, weights: np.ndarray, sentences: np.ndarray) -> Bagged:
        """Fit every member; `sentences` numbers the sentence of each row."""
        for bag in range(self._recipe.bags):
            generator = np.random.default_rng(self._recipe.seed + bag)
            size = int(sentences.max()) + 1
            drawn = np.bincount(generator.integers(0, size, size), minlength=size)[sentences]
            member = _boosted(HistGradientBoostingClassifier, self._recipe)
            self.members.append(
                member.fit(_something_known(rows[drawn > 0]), truth[drawn > 0], (weights * drawn)[drawn > 0])
            )
        return self

    def log_odds(self, rows: np.ndarray) -> np.ndarray:
        """Log-odds that each row's word is bad."""
        return np.mean([member.decision_function(rows) for member in self.members], axis=0)


def segment_table(table: Table, probability: np.ndarray) -> np.ndarray:
    """Segment features (segments, len(SEGMENT_FEATURES)) with these word probabilities."""
    return np.stack(
        [
            segment_features(findings, mine)
            for findings, mine in zip(table.findings, table.by_segment(probability), strict=True)
        ]
    )


def _calibration(raw: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> dict[str, list[float]]:
    """Isotonic calibration (Zadrozny and Elkan 2002), its steps joined by straight lines, as points of the curve.

    Between the middles of two steps the line rises, so that thresholds can still tell words apart; the
    logistic curve (Platt 1999) carries on at the ends, where isotonic calibration is flat.
    """
    odds = _odds(raw)
    logistic_curve = LogisticRegression(C=1e6).fit(odds[:, None], truth, weights)
    points = np.concatenate(([0.0], np.linspace(0.005, 0.995, 199), [1.0]))
    smooth = logistic_curve.predict_proba(_odds(points)[:, None])[:, 1]
    edges = np.quantile(raw, np.linspace(0, 1, 41))
    bins = np.unique(np.searchsorted(edges, raw, "left").clip(1, 40), return_inverse=True)[1]
    total = np.bincount(bins, weights)
    centre = np.bincount(bins, weights * raw) / total
    steps = IsotonicRegression().fit(centre, np.bincount(bins, weights * truth) / total, total).predict(centre)
    inside = (points >= centre[0]) & (points <= centre[-1])
    # A tenth of the logistic curve keeps what the steps would make equal apart.
    curve = np.where(inside, 0.9 * np.interp(points, centre, steps) + 0.1 * smooth, smooth)
    curve = np.maximum.accumulate(curve)
    return {"raw": [round(float(x), 6) for x in points], "calibrated": [round(float(y), 6) for y in curve]}


def _odds(probability: np.ndarray) -> np.ndarray:
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def calibrated(raw: np.ndarray, curve: dict[str, list[float]]) -> np.ndarray:
    """Probabilities after calibration."""
    return np.interp(raw, curve["raw"], curve["calibrated"])


def _reliability(probability: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> list[dict[str, float]]:
    """What was said and what was so, in ten bins of equal width."""
    bins = np.minimum((probability * 10).astype(int), 9)
    rows = []
    for number in range(10):
        mine = bins == number
        if mine.any():
            said, so = (
                np.average(probability[mine], weights=weights[mine]),
                np.average(truth[mine], weights=weights[mine]),
            )
            rows.append(
                {
                    "said": round(float(said), 4),
                    "was": round(float(so), 4),
                    "share": round(float(weights[mine].sum() / weights.sum()), 4),
                }
            )
    return rows


def write_trees(models: Sequence[Any], path: Path) -> None:
    """Write the mean of fitted histogram-boosting models as the arrays that `backspeak.judge.trees` reads."""
    # scikit-learn has no public way to its trees.
    nodes = [stage[0].nodes for model in models for stage in model._predictors]
    size = max(len(each) for each in nodes)
    shape = (len(nodes), size)
    arrays: dict[str, np.ndarray] = {
        "feature": np.zeros(shape, np.int32),
        "threshold": np.zeros(shape, np.float32),
        "left": np.zeros(shape, np.int32),
        "right": np.zeros(shape, np.int32),
        "unknown_left": np.zeros(shape, np.uint8),
        "value": np.zeros(shape, np.float32),
    }
    for tree, mine in enumerate(nodes):
        own = np.arange(len(mine))
        leaf = mine["is_leaf"].astype(bool)
        part = (tree, slice(len(mine)))
        arrays["feature"][part] = np.where(leaf, 0, mine["feature_idx"])
        # Rounded down, so that a float32 value meets the same side as in training.
        arrays["threshold"][part] = _float32_below(mine["num_threshold"])
        arrays["left"][part] = np.where(leaf, own, mine["left"])
        arrays["right"][part] = np.where(leaf, own, mine["right"])
        arrays["unknown_left"][part] = mine["missing_go_to_left"]
        arrays["value"][part] = np.where(leaf, mine["value"] / len(models), 0.0)
    arrays["baseline"] = np.array([np.mean([np.ravel(model._baseline_prediction)[0] for model in models])], np.float32)
    arrays["depth"] = np.array([max(int(mine["depth"].max()) for mine in nodes)], np.int32)
    save_file(arrays, str(path))


def _float32_below(values: np.ndarray) -> np.ndarray:
    rounded = values.astype(np.float32)
    return np.where(rounded.astype(np.float64) > values, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def _scores(
    table: Table, chosen: np.ndarray, probability: np.ndarray, score: np.ndarray, points: dict[str, Any] | None
) -> dict[str, Any]:
    """What the card says of these segments: by pair, of clean text, of damaged text and of our own pairs."""
    parts = table.by_segment(probability)
    truths = table.by_segment(table.truth)
    report: dict[str, Any] = {"segments": len(chosen)}

    def of(kind: str, pair: str | None = None) -> list[int]:
        return [
            i
            for i in chosen
            if table.examples[i].kind == kind and (pair is None or table.examples[i].segment.document == f"{pair}-en")
        ]

    mlqe = of("mlqe")
    if mlqe:
        truth, guess = np.concatenate([truths[i] for i in mlqe]), np.concatenate([parts[i] for i in mlqe])
        best = max(_GRID, key=lambda t: matthews(truth, guess >= t))
        report["average_precision"] = round(float(average_precision_score(truth, guess)), 3)
        report["calibration_error"] = round(calibration_error(truth, guess), 3)
        own = points["sensitive"]["minor_by_language"] if points else {}
        for pair in MLQE_PAIRS:
            mine = of("mlqe", pair)
            if len(mine) > 2:
                human = np.array([table.examples[i].quality for i in mine])
                truth, guess = np.concatenate([truths[i] for i in mine]), np.concatenate([parts[i] for i in mine])
                report[pair] = {
                    "pearson": round(pearson(score[mine], human), 3),
                    "mcc": round(matthews(truth, guess >= own.get(pair, best)), 3),
                    "segments": len(mine),
                }
        for name in ("pearson", "mcc"):
            report[f"mean_{name}"] = round(float(np.mean([report[p][name] for p in MLQE_PAIRS if p in report])), 3)
    clean = of("clean")
    if clean and points:
        for name, threshold in points["default"].items():
            report[f"{name}_flags_per_1000_clean_words"] = round(
                flags_per_1000([table.findings[i] for i in clean], [parts[i] for i in clean], threshold), 2
            )
    for kind in ("corrupted", "pairs"):
        wrong = [i for i in of(kind) if truths[i].any()]
        if wrong and points:
            joint = [flag_probability(table.findings[i], parts[i]) for i in wrong]
            hits = [bool((p[truths[i]] >= points["default"]["minor"]).any()) for i, p in zip(wrong, joint, strict=True)]
            report[f"{kind}_flagged"] = round(float(np.mean(hits)), 3)
    sides: dict[str, dict[bool, float]] = {}
    for i in of("pairs"):
        sides.setdefault(table.examples[i].segment.id, {})[table.examples[i].clean] = score[i]
    lower = [each[False] < each[True] for each in sides.values() if len(each) == 2]
    if lower:
        report["pairs_lower"] = round(float(np.mean(lower)), 3)
    return report


def rebuild(
    recipe: JudgeRecipe,
    data: Path,
    wordnet: Path,
    own_pairs: Sequence[Path],
    out: Path,
    pivots: Sequence[str],
    log: Log,
) -> dict[str, Any]:
    """Collect, fit and write the judge into `out`, which holds the encoder's files already."""
    encoder = Encoder(out)
    found = development(data, wordnet, own_pairs, recipe)
    deep = gather(recipe, found, pivots, log)
    add_opinions(deep, encoder)
    shallow = read_only((each for mine in found.values() for each in mine), encoder)
    log("the encoder has read everything")
    table = Table.of([*shallow, *deep], recipe)
    scores = fit(table, recipe, examples.source_languages(data), out, log)
    scores["ablation"] = ablation(deep, recipe, log)
    (out / "recipe.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return scores


def gather(recipe: JudgeRecipe, found: dict[str, list[Example]], pivots: Sequence[str], log: Log):
    """Findings of the deep examples, without the encoder's opinion."""
    no_judge: Any = NoJudge()
    pipeline = Pipeline(Settings(pivot=tuple(pivots)), embedded=BundledEngine(), judge=no_judge)
    return collect(pipeline, deep_part(found, recipe), recipe.round_trip_share, log)


class NoJudge:
    """Stands in for the judge that is about to be fitted: evidence is collected, nothing is judged."""

    reads_likelihood = True

    def operating_point(self, *, sensitive: bool = False) -> None:
        return None
