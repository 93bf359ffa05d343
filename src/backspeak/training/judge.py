"""Fit the judge: boosted trees over the evidence, on MLQE-PE and on clean human English.

The findings of every sentence are collected by the pipeline itself, so that the judge learns from
what it will see. Each sentence teaches in several modes (with its source, with the round trip,
with the text alone): what a mode lacks is unknown (NaN) in its rows.
"""

from __future__ import annotations

import csv
import hashlib
import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from backspeak.config import Settings
from backspeak.data import Findings, Segment
from backspeak.engines.bundled import BundledEngine
from backspeak.evaluation import bad_ranges, matthews, overlaps, pearson
from backspeak.evidence.words import is_punctuation
from backspeak.judge.features import SEGMENT_FEATURES, WORD_FEATURES, segment_features, word_features
from backspeak.judge.trees import logistic
from backspeak.pipeline import BATCH, Pipeline
from backspeak.spans import flag_probability

MLQE_PAIRS = ("ro", "et", "ne", "si", "ru")

# Human scores run from 0 to 100; text that people wrote is taken to score this.
CLEAN_QUALITY = 97.0
# And one with a single calque in otherwise good English, this (our guess).
CALQUE_QUALITY = 70.0
# A translation whose post-edit changed nothing worth mentioning has no real error.
CLEAN_HTER = 0.02


@dataclass(frozen=True)
class JudgeRecipe:
    """How much of each data set is used, and what decides the trees and the operating points."""

    train_per_pair: int = 400
    dev_per_pair: int = 120
    train_clean: int = 1200
    dev_clean: int = 600
    round_trip_share: float = 0.28  # of the sentences, chosen by hash; the others teach without one
    max_words: int = 60
    iterations: int = 250
    leaves: int = 15
    learning_rate: float = 0.06
    pair_weight: float = 25.0
    bags: int = 3  # word models on resampled sentences, averaged (Breiman 1996)
    flags_per_1000: float = 5.0  # on clean text of the development set, all severities
    major_per_1000: float = 2.0
    critical_per_1000: float = 0.5
    seed: int = 20261122


@dataclass
class Example:
    """One labelled sentence: which words are bad, how good people found it."""

    segment: Segment
    bad: list[tuple[int, int]]
    quality: float
    has_error: bool
    clean: bool
    weight: float = 1.0
    round_trip: bool = False  # whatever its hash says


def mlqe(data: Path, split: str, per_pair: int, recipe: JudgeRecipe) -> Iterator[Example]:
    """The first usable sentences of each pair; the files are in random order."""
    for pair in MLQE_PAIRS:
        taken = 0
        with lzma.open(data / "mlqe-pe" / f"{pair}-en.{split}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                record = json.loads(line)
                if len(record["tokens"]) > recipe.max_words:
                    continue
                segment = Segment(f"{pair}-en", str(number), record["translation"], record["source"], pair)
                bad = bad_ranges(record["translation"], record["tokens"], record["word_tags"])
                yield Example(segment, bad, record["da_mean"], record["hter"] > CLEAN_HTER, False)
                taken += 1
                if taken == per_pair:
                    break


def pairs(path: Path, recipe: JudgeRecipe) -> Iterator[Example]:
    """Our own pairs of a calque and its natural wording, the half that is meant for tuning."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["set"] != "tune":
                continue
            start = row["bad"].find(row["bad_words"])
            for text, bad, quality in (
                (row["bad"], [(start, start + len(row["bad_words"]))], CALQUE_QUALITY),
                (row["good"], [], CLEAN_QUALITY),
            ):
                segment = Segment("pairs", row["id"], text)
                yield Example(segment, bad, quality, bool(bad), not bad, recipe.pair_weight, True)


def clean_part(text: str) -> str:
    """Which part a clean sentence belongs to, by its hash: train, dev or test."""
    share = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return "train" if share < 0.7 else "dev" if share < 0.85 else "test"


def clean(data: Path, part: str, count: int, recipe: JudgeRecipe) -> Iterator[Example]:
    """Human English references, each sentence once, ordered by hash."""
    seen: dict[str, tuple[str, str]] = {}
    with lzma.open(data / "mt-outputs" / "into-english.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            text = record["reference"].strip()
            language = record["pair"].split("-")[0]
            if clean_part(text) == part and (text not in seen or language in ("ru", "et")):
                seen[text] = (language, record["source"])
    ordered = sorted(seen, key=lambda text: hashlib.sha256(("order" + text).encode()).hexdigest())
    taken = 0
    for text in ordered:
        if not 6 <= len(text.split()) <= recipe.max_words:
            continue
        language, source = seen[text]
        yield Example(Segment("clean", str(taken), text, source, language), [], CLEAN_QUALITY, False, True)
        taken += 1
        if taken == count:
            return


def collect(
    full: Pipeline, fast: Pipeline, examples: Sequence[Example], round_trip_share: float, log
) -> list[tuple[Example, list[Findings]]]:
    """Findings of each example in every mode: with the round trip, with its source, with the text alone."""
    collected = []
    for start in range(0, len(examples), BATCH):
        batch = examples[start : start + BATCH]
        deep = [each for each in batch if each.round_trip or hash_share(each.segment.text) < round_trip_share]
        free = full.collect([replace(each.segment, source=None, source_lang=None) for each in deep])
        with_pivot = {id(example): findings for example, findings in zip(deep, free, strict=True)}
        for example, sourced in zip(batch, fast.collect([each.segment for each in batch]), strict=True):
            alone = {name: values for name, values in sourced.likelihood.items() if name.startswith("alone")}
            unsourced = replace(example.segment, source=None, source_lang=None)
            modes = [replace(sourced, segment=unsourced, mode=None, likelihood=alone)]
            if sourced.mode == "source":
                modes.append(sourced)
            pivoted = with_pivot.get(id(example))
            if pivoted is not None:
                modes.append(pivoted)
                if sourced.mode == "source":
                    both = replace(pivoted, segment=example.segment, mode="source", likelihood=sourced.likelihood)
                    modes.append(both)
            collected.append((example, modes))
        log(f"collected {len(collected)}/{len(examples)}")
    return collected


@dataclass
class Table:
    """Training rows: word features with truth, and where each segment's words begin."""

    findings: list[Findings]
    examples: list[Example]
    words: np.ndarray  # (all words, features)
    truth: np.ndarray  # (all words,) bool
    splits: np.ndarray  # row at which each segment but the first begins

    @classmethod
    def of(cls, collected: Sequence[tuple[Example, list[Findings]]]) -> Table:
        flat = [(example, findings) for example, modes in collected for findings in modes if findings.words]
        rows = [word_features(findings) for _, findings in flat]
        truth = [overlaps(findings.words, example.bad) for example, findings in flat]
        return cls(
            [findings for _, findings in flat],
            [example for example, _ in flat],
            np.concatenate(rows),
            np.concatenate(truth),
            np.cumsum([len(each) for each in rows])[:-1],
        )

    def by_segment(self, values: np.ndarray) -> list[np.ndarray]:
        """Values a word, cut into one array a segment."""
        return np.split(values, self.splits)

    def row_weights(self) -> np.ndarray:
        """Weight of each word's row, that of its example."""
        return np.repeat([example.weight for example in self.examples], np.diff([0, *self.splits, len(self.words)]))

    def row_sentences(self) -> np.ndarray:
        """A number for the sentence of each word's row, the same in all its modes."""
        numbers = {text: n for n, text in enumerate(dict.fromkeys(each.segment.text for each in self.examples))}
        return np.repeat(
            [numbers[each.segment.text] for each in self.examples], np.diff([0, *self.splits, len(self.words)])
        )

    def of_mode(self, mode: str | None) -> np.ndarray:
        """Indices of the segments judged in this mode."""
        return np.array([i for i, findings in enumerate(self.findings) if findings.mode == mode], int)


def fit(train: Table, dev: Table, recipe: JudgeRecipe, out: Path, log) -> dict[str, Any]:
    """Fit the three models, calibrate and choose operating points on `dev`; write them, return the scores."""
    words = Bagged(recipe)
    words.fit(train.words, train.truth, train.row_weights(), train.row_sentences())
    raw_train = _held_out(train, recipe)
    raw_dev = words.probability(dev.words)
    word_curve = _calibration(raw_dev, dev.truth)

    train_table = _segment_table(train, np.interp(raw_train, word_curve["raw"], word_curve["calibrated"]))
    word_dev = np.interp(raw_dev, word_curve["raw"], word_curve["calibrated"])
    dev_table = _segment_table(dev, word_dev)
    errors = _boosted(HistGradientBoostingClassifier, recipe).fit(train_table, [e.has_error for e in train.examples])
    quality = _boosted(HistGradientBoostingRegressor, recipe).fit(train_table, [e.quality for e in train.examples])
    raw_errors = errors.predict_proba(dev_table)[:, 1]
    error_curve = _calibration(raw_errors, np.array([example.has_error for example in dev.examples]))

    points = operating_points(dev, word_dev, recipe)
    out.mkdir(parents=True, exist_ok=True)
    for name, models in (("words", words.members), ("errors", [errors]), ("quality", [quality])):
        write_trees(models, out / f"{name}.safetensors")
    settings = {
        "version": hashlib.sha256(
            b"".join((out / f"{n}.safetensors").read_bytes() for n in ("words", "errors", "quality"))
        ).hexdigest()[:8],
        "word_features": list(WORD_FEATURES),
        "segment_features": list(SEGMENT_FEATURES),
        "calibration": {"words": word_curve, "errors": error_curve},
        "operating_points": points,
    }
    (out / "judge.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    scores = _scores(dev, word_dev, quality.predict(dev_table), points)
    scores["recipe"] = asdict(recipe)
    (out / "recipe.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return scores


def operating_points(dev: Table, probability: np.ndarray, recipe: JudgeRecipe) -> dict[str, dict[str, float]]:
    """Thresholds by flags a thousand clean words (default) and by the best word MCC (sensitive).

    Both are chosen on the source-free mode with a round trip, the one that a reader meets.
    """
    parts = dev.by_segment(probability)
    clean_parts = [parts[i] for i in dev.of_mode("pivot") if dev.examples[i].clean]
    spoken = [dev.findings[i] for i in dev.of_mode("pivot") if dev.examples[i].clean]

    def lowest(per_1000: float) -> float:
        candidates = np.arange(0.3, 1.0, 0.002)
        for threshold in candidates:
            if flags_per_1000(spoken, clean_parts, float(threshold)) <= per_1000:
                return float(threshold)
        return float(candidates[-1]) + 1e-4

    minor = lowest(recipe.flags_per_1000)
    default = {
        "minor": minor,
        "major": max(minor, lowest(recipe.major_per_1000)),
        "critical": max(minor, lowest(recipe.critical_per_1000)),
    }
    rows = np.concatenate([np.full(len(part), i) for i, part in enumerate(parts)])
    judged = np.isin(rows, [i for i in dev.of_mode("pivot") if not dev.examples[i].clean])
    grid = np.linspace(0.05, 0.95, 91)
    best = max(grid, key=lambda t: matthews(dev.truth[judged], probability[judged] >= t))
    sensitive = {"minor": float(best), "major": default["minor"], "critical": default["major"]}
    sensitive["minor"] = min(sensitive["minor"], sensitive["major"])
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
            self.members.append(member.fit(rows[drawn > 0], truth[drawn > 0], (weights * drawn)[drawn > 0]))
        return self

    def probability(self, rows: np.ndarray) -> np.ndarray:
        """Probability that each row's word is bad."""
        return logistic(np.mean([member.decision_function(rows) for member in self.members], axis=0))


def _held_out(table: Table, recipe: JudgeRecipe) -> np.ndarray:
    """Word probabilities of the training segments from models that did not see them (5 folds by sentence)."""
    folds = np.array([hash_fold(example.segment.text) for example in table.examples])
    rows = np.repeat(folds, np.diff([0, *table.splits, len(table.words)]))
    probability, weights, sentences = np.zeros(len(table.words)), table.row_weights(), table.row_sentences()
    for fold in range(5):
        seen = rows != fold
        part = Bagged(recipe).fit(table.words[seen], table.truth[seen], weights[seen], sentences[seen])
        probability[~seen] = part.probability(table.words[~seen])
    return probability


def hash_share(text: str) -> float:
    """A number from 0 to 1 that belongs to the text."""
    return int(hashlib.sha256(("share" + text).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def hash_fold(text: str) -> int:
    """Fold 0 to 4 of a sentence, the same for all its modes."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 5


def _segment_table(table: Table, probability: np.ndarray) -> np.ndarray:
    return np.stack(
        [
            segment_features(findings, mine)
            for findings, mine in zip(table.findings, table.by_segment(probability), strict=True)
        ]
    )


def _calibration(raw: np.ndarray, truth: np.ndarray) -> dict[str, list[float]]:
    """Logistic calibration (Platt 1999) as points of its curve.

    Isotonic calibration leaves plateaus, on which no threshold can tell words apart.
    """
    odds = np.log(np.clip(raw, 1e-6, 1 - 1e-6) / np.clip(1 - raw, 1e-6, 1 - 1e-6))
    fitted = LogisticRegression(C=1e6).fit(odds[:, None], truth)
    points = np.concatenate(([0.0], np.linspace(0.005, 0.995, 199), [1.0]))
    clipped = np.clip(points, 1e-6, 1 - 1e-6)
    curve = fitted.predict_proba(np.log(clipped / (1 - clipped))[:, None])[:, 1]
    return {"raw": [round(float(x), 6) for x in points], "calibrated": [round(float(y), 6) for y in curve]}


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


def _scores(dev: Table, probability: np.ndarray, quality: np.ndarray, points: dict[str, Any]) -> dict[str, Any]:
    """What the card says: by mode and pair, on the development set."""
    parts = dev.by_segment(probability)
    result: dict[str, Any] = {"operating_points": points, "dev": {}}
    for mode in ("source", "pivot", None):
        chosen = dev.of_mode(mode)
        report: dict[str, Any] = {}
        for pair in MLQE_PAIRS:
            mine = [i for i in chosen if dev.examples[i].segment.document == f"{pair}-en"]
            if len(mine) > 2:
                truth = np.concatenate([overlaps(dev.findings[i].words, dev.examples[i].bad) for i in mine])
                guess = np.concatenate([parts[i] for i in mine])
                report[pair] = {
                    "pearson": round(pearson(quality[mine], np.array([dev.examples[i].quality for i in mine])), 3),
                    "mcc": round(matthews(truth, guess >= points["sensitive"]["minor"]), 3),
                    "segments": len(mine),
                }
        spoken = [i for i in chosen if dev.examples[i].clean]
        for name, threshold in points["default"].items():
            report[f"{name}_flags_per_1000_clean_words"] = round(
                flags_per_1000([dev.findings[i] for i in spoken], [parts[i] for i in spoken], threshold), 2
            )
        tagged = [i for i in chosen if not dev.examples[i].clean]
        truth = np.concatenate([overlaps(dev.findings[i].words, dev.examples[i].bad) for i in tagged])
        guess = np.concatenate([parts[i] for i in tagged])
        report["average_precision"] = round(float(average_precision_score(truth, guess)), 3)
        result["dev"][mode or "alone"] = report
    return result


def rebuild(recipe: JudgeRecipe, data: Path, own_pairs: Path, out: Path, pivots: Sequence[str], log) -> dict[str, Any]:
    """Collect, fit and write the judge into `out`; the findings are not kept."""
    train, dev = gather(recipe, data, own_pairs, pivots, log)
    return fit(Table.of(train), Table.of(dev), recipe, out, log)


def gather(recipe: JudgeRecipe, data: Path, own_pairs: Path, pivots: Sequence[str], log):
    """Findings of the training and of the development examples."""
    embedded = BundledEngine()
    no_judge: Any = NoJudge()
    full = Pipeline(Settings(pivot=tuple(pivots)), embedded=embedded, judge=no_judge)
    fast = Pipeline(Settings(tier="fast"), embedded=embedded, judge=no_judge)
    train = [*mlqe(data, "train", recipe.train_per_pair, recipe), *clean(data, "train", recipe.train_clean, recipe)]
    train += pairs(own_pairs, recipe)
    dev = [*mlqe(data, "dev", recipe.dev_per_pair, recipe), *clean(data, "dev", recipe.dev_clean, recipe)]
    share = recipe.round_trip_share
    return collect(full, fast, train, share, log), collect(full, fast, dev, share, log)


class NoJudge:
    """Stands in for the judge that is about to be fitted: evidence is collected, nothing is judged."""

    reads_likelihood = True

    def operating_point(self, *, sensitive: bool = False) -> None:
        return None
