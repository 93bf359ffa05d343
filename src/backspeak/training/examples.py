"""Labelled sentences that the judge learns from: which words are bad, how good people found the whole.

Everything is read from a data folder that holds `mlqe-pe/`, `mt-outputs/` and `parallel/`.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import json
import lzma
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backspeak.data import Segment
from backspeak.evaluation import bad_ranges, overlaps
from backspeak.evidence.words import word_offsets
from backspeak.training.corruption import Corrupter

MLQE_PAIRS = ("ro", "et", "ne", "si", "ru")
# A translation whose post-edit changed nothing worth mentioning has no real error.
CLEAN_HTER = 0.02
# These sets hold misaligned human translations.
_MISALIGNED = (("wmt14", "fr"), ("wmt14", "ru"))
# Systems whose output is mostly right: they support the words of the weaker ones.
_STRONG = ("google", "microsoft")


@dataclass
class Example:
    """One labelled sentence. What is not known is None.

    `bad` and `gap` are offsets of wrong words and of words with something missing before them;
    `quality` is the human score in standard deviations, `score` the same on the scale of 0 to 100;
    `edits` is HTER, `distance` the share of words that no other translation has.
    """

    segment: Segment
    kind: str  # "mlqe", "systems", "clean", "corrupted", "pairs"
    bad: Sequence[tuple[int, int]]
    gap: Sequence[tuple[int, int]] | None = None
    quality: float | None = None
    score: float | None = None
    edits: float | None = None
    distance: float | None = None
    has_error: bool = False
    weight: float = 1.0

    @property
    def clean(self) -> bool:
        """Whether a person wrote this sentence and nobody damaged it."""
        return self.kind == "clean" or (self.kind == "pairs" and not self.bad)


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a compressed JSONL file."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def share(text: str) -> float:
    """A number from 0 to 1 that belongs to the text."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def part_of(text: str) -> str:
    """Which part a clean sentence belongs to, by its hash: train, dev or test."""
    return "train" if share(text) < 0.7 else "dev" if share(text) < 0.85 else "test"


def references(data: Path, part: str) -> list[str]:
    """Human references of the outputs of MT systems, of one part (see `part_of`)."""
    found = {record["reference"] for record in records(data / "mt-outputs" / "into-english.jsonl.xz")}
    return sorted(text for text in found if part_of(text.strip()) == part)


def mlqe(data: Path, split: str, per_pair: int | None = None) -> Iterator[Example]:
    """MLQE-PE (Fomicheva et al. 2022): the sentences of each pair, in the order of the files."""
    for pair in MLQE_PAIRS:
        for number, record in enumerate(records(data / "mlqe-pe" / f"{pair}-en.{split}.jsonl.xz"), start=1):
            if per_pair is not None and number > per_pair:
                break
            text, tokens = record["translation"], record["tokens"]
            if not word_offsets(text):
                continue
            yield Example(
                Segment(f"{pair}-en", str(number), text, record["source"], pair),
                "mlqe",
                bad_ranges(text, tokens, record["word_tags"]),
                bad_ranges(text, tokens, record["gap_tags"][: len(tokens)]),
                record["da_z"],
                record["da_mean"],
                min(1.0, record["hter"]),
                None,
                record["hter"] > CLEAN_HTER,
            )


def source_languages(data: Path) -> list[str]:
    """Languages whose sentences stand beside the English that the encoder learns from."""
    systems_of = {record["pair"].split("-")[0] for record in records(data / "mt-outputs" / "into-english.jsonl.xz")}
    return sorted({*MLQE_PAIRS, *systems_of} - {"en"})


def systems(data: Path, counts: dict[str, int], seed: int) -> list[Example]:
    """Outputs of several systems, each word held against the reference and all other outputs.

    A word that none of them has is taken to be wrong: a label with noise, weighted by half.
    `counts` says how many examples of which set; weak systems come four times out of five.
    """
    generator = random.Random(seed)
    by_set: dict[str, list[dict[str, Any]]] = {name: [] for name in counts}
    for record in records(data / "mt-outputs" / "into-english.jsonl.xz"):
        if record["set"] in by_set and part_of(record["reference"].strip()) == "train":
            by_set[record["set"]].append(record)
    examples = []
    for name, wanted in counts.items():
        generator.shuffle(by_set[name])
        got = 0
        for record in by_set[name] * 3:
            if got == wanted:
                break
            example = _against_the_others(record, generator)
            if example is not None:
                examples.append(example)
                got += 1
    return examples


def _against_the_others(record: dict[str, Any], generator: random.Random) -> Example | None:
    outputs = {name: text for name, text in record["outputs"].items() if text.strip()}
    if len(outputs) < 2:
        return None
    weak = [name for name in outputs if name not in _STRONG] or list(outputs)
    system = generator.choice(weak if generator.random() < 0.8 else list(outputs))
    text = outputs[system]
    words = word_offsets(text)
    if not 4 <= len(words) <= 90:
        return None
    own = [_stem(text[a:b]) for a, b in words]
    others = [record["reference"], *(other for name, other in outputs.items() if name != system)]
    support = [_supported(own, [_stem(other[a:b]) for a, b in word_offsets(other)]) for other in others]
    bad = ~np.any(support, axis=0)
    return Example(
        Segment(system, "", text, record["source"], record["pair"].split("-")[0]),
        "systems",
        [place for place, wrong in zip(words, bad, strict=True) if wrong],
        None,
        distance=float(1 - support[0].mean()),
        edits=float(bad.mean()),
        has_error=bool(bad.mean() > 0.05),
        weight=0.5,
    )


def _stem(word: str) -> str:
    return word.lower()[:6] if len(word) > 6 else word.lower().rstrip("s")


def _supported(words: list[str], other: list[str]) -> np.ndarray:
    matched = np.zeros(len(words), bool)
    for block in difflib.SequenceMatcher(None, words, other, autojunk=False).get_matching_blocks():
        matched[block.a : block.a + block.size] = True
    return matched


def clean_english(data: Path, seed: int, *, references_only: bool = False) -> list[Segment]:
    """Human English, each sentence once with a source where there is one, ordered by hash."""
    generator = random.Random(seed)
    seen: dict[str, tuple[str, str | None]] = {}
    for record in records(data / "mt-outputs" / "into-english.jsonl.xz"):
        text = record["reference"].strip()
        if text not in seen or generator.random() < 0.3:
            seen[text] = (record["pair"].split("-")[0], record["source"])
    if not references_only:
        for path in sorted((data / "parallel").glob("*.jsonl.xz")):
            source_lang, target_lang = path.name.split(".")[0].split("-")
            for record in records(path):
                targets, name = record["targets"], record["set"]
                if source_lang == "en":
                    human = None if (name, target_lang) in _MISALIGNED else targets.get("human")
                    text, language, other = record["source"], target_lang, human or targets.get("google")
                elif name == "wmt14":
                    continue
                else:
                    text, language, other = targets.get("human") or "", source_lang, record["source"]
                if text.strip():
                    seen.setdefault(text.strip(), (language, other))
    ordered = sorted(seen, key=lambda text: hashlib.sha256(text.encode()).hexdigest()[::-1])
    return [
        Segment("clean", str(number), text, seen[text][1], seen[text][0])
        for number, text in enumerate(ordered)
        if 5 <= len(text.split()) <= 60
    ]


def clean(segments: Iterable[Segment]) -> Iterator[Example]:
    """Human English as examples of what is right."""
    for segment in segments:
        yield Example(segment, "clean", (), (), edits=0.0)


def corrupted(segments: Iterable[Segment], corrupter: Corrupter) -> Iterator[Example]:
    """Human English with known damage; the source, where there is one, stays that of the sound text."""
    for segment in segments:
        damaged = corrupter.corrupt(segment.text)
        if damaged is not None:
            fresh = Segment("corrupted", segment.id, damaged.text, segment.source, segment.source_lang)
            yield Example(fresh, "corrupted", damaged.bad, damaged.gap, has_error=True, weight=0.7)


def pairs(paths: Iterable[Path], which: str = "tune") -> Iterator[Example]:
    """Our own pairs of a wrong and a natural wording, one half of them."""
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["set"] != which:
                    continue
                wrong = [(row["bad"].find(part), part) for part in row["bad_words"].split("|")]
                bad = [(start, start + len(part)) for start, part in wrong]
                yield Example(Segment("pairs", row["id"], row["bad"]), "pairs", bad, has_error=True)
                yield Example(Segment("pairs", row["id"], row["good"]), "pairs", ())


def word_labels(example: Example, words: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray | None]:
    """Which words are bad, and which have something missing before them (None where nobody marked it)."""
    gap = None if example.gap is None else overlaps(words, example.gap)
    return overlaps(words, example.bad), gap
