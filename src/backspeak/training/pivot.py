"""Train the embedded base model to translate between English and one pivot language.

Both directions are one model; the prompt names the languages (`prompt`). Only the linear layers
learn, the trimmed embedding stays. The difference to the base is shipped as small integers
(`backspeak.engines.delta`).
"""

from __future__ import annotations

import json
import lzma
import random
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import sentencepiece
import torch
import torch.nn.functional as F

from backspeak.engines import delta
from backspeak.engines.gemma import GgufModel, linear_names
from backspeak.engines.translation import prompt
from backspeak.training.gemma_torch import GemmaTrainer, key


@dataclass(frozen=True)
class Portion:
    """One stream of training pairs: a file, which target to take, and whether to swap sides."""

    file: str
    target: str
    reverse: bool = False


@dataclass(frozen=True)
class PivotRecipe:
    """Everything that decides the weights besides the data and the base model."""

    pivot: str
    portions: list[Portion]
    exclude_sets: list[str] = field(default_factory=lambda: ["flores-dev"])
    learning_rate: float = 3e-4
    warmup_steps: int = 40
    tokens_per_step: int = 4096
    tokens_per_batch: int = 2048
    max_tokens: int = 200
    max_steps: int | None = None  # the learning rate falls to zero by then
    seed: int = 20261122

    @classmethod
    def read(cls, path: Path) -> PivotRecipe:
        """Read a recipe from JSON; unknown keys are an error."""
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["portions"] = [Portion(**portion) for portion in fields["portions"]]
        return cls(**fields)


def read_pairs(recipe: PivotRecipe, data: Path) -> list[tuple[str, str, str, str]]:
    """Training pairs as (source language, source, target language, target)."""
    pairs = []
    for portion in recipe.portions:
        source_lang, target_lang = portion.file.split("/")[-1].split(".")[0].split("-")
        with lzma.open(data / portion.file, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record["set"] in recipe.exclude_sets or portion.target not in record["targets"]:
                    continue
                pair = (source_lang, record["source"], target_lang, record["targets"][portion.target])
                pairs.append(pair[2:] + pair[:2] if portion.reverse else pair)
    return pairs


def encode(pairs, tokenizer: sentencepiece.SentencePieceProcessor, max_tokens: int) -> list[tuple[list[int], int]]:
    """Token ids and the index of the first target token; pairs over `max_tokens` are left out."""
    encoded = []
    for source_lang, source, target_lang, target in pairs:
        head = prompt(source_lang, source, target_lang)
        ids = tokenizer.encode(f"{head} {target}")
        start = len(tokenizer.encode(head))
        if ids and len(ids) + 2 <= max_tokens:
            encoded.append(([tokenizer.bos_id(), *ids, tokenizer.eos_id()], start + 1))
    return encoded


def batches(examples, recipe: PivotRecipe, order: random.Random):
    """Optimiser steps as lists of padded batches: lengths alike within a batch, batches shuffled."""
    examples = sorted(examples, key=lambda e: len(e[0]) + order.random() * 4)
    grouped: list[list[Any]] = []
    current: list[Any] = []
    longest = 0
    for example in examples:
        longest = max(longest, len(example[0]))
        if current and longest * (len(current) + 1) > recipe.tokens_per_batch:
            grouped.append(current)
            current, longest = [], len(example[0])
        current.append(example)
    grouped.append(current)
    order.shuffle(grouped)
    per_step = max(1, recipe.tokens_per_step // recipe.tokens_per_batch)
    return [grouped[i : i + per_step] for i in range(0, len(grouped), per_step)]


def tensors(batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Padded tokens (batch, length) and the mask of scored tokens, of the same shape."""
    length = max(len(ids) for ids, _ in batch)
    tokens = torch.zeros(len(batch), length, dtype=torch.long)
    scored = torch.zeros(len(batch), length, dtype=torch.bool)
    for row, (ids, start) in enumerate(batch):
        tokens[row, : len(ids)] = torch.tensor(ids)
        scored[row, start : len(ids)] = True
    return tokens, scored


def train(recipe: PivotRecipe, data: Path, base: Path, ids: list[int], tokenizer_path: Path, out: Path, log) -> None:
    """Train and leave `out/checkpoint.pt` (weights, optimiser, step); resumes from one if there."""
    torch.manual_seed(recipe.seed)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer_path))
    examples = encode(read_pairs(recipe, data), tokenizer, recipe.max_tokens)
    steps = batches(examples, recipe, random.Random(recipe.seed))[: recipe.max_steps]
    model = GemmaTrainer(GgufModel(base), ids, recipe.max_tokens)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    checkpoint, first = out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.linear.load_state_dict(state["linear"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    hidden = torch.compile(model.forward, dynamic=True)

    def cross_entropy(states, targets, embedding):
        return F.cross_entropy(F.linear(states, embedding).float(), targets, reduction="sum")

    cross_entropy = torch.compile(cross_entropy, dynamic=True)
    log(json.dumps({"recipe": asdict(recipe), "examples": len(examples), "steps": len(steps), "from": first}))
    began, seen, saved = time.time(), 0, time.time()
    for step in range(first, len(steps)):
        rate = recipe.learning_rate * min((step + 1) / recipe.warmup_steps, (len(steps) - step) / len(steps))
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch_tensors = [tensors(batch) for batch in steps[step]]
        count = sum(int(scored.sum()) for _, scored in batch_tensors)
        total = 0.0
        for tokens, scored in batch_tensors:
            states = hidden(tokens)[:, :-1][scored[:, 1:]]
            loss = cross_entropy(states, tokens[:, 1:][scored[:, 1:]], model.embedding) / count
            loss.backward()
            total += loss.item()
            seen += tokens.numel()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 10 == 0:
            log(
                f"step {step}/{len(steps)} loss {total:.3f} rate {rate:.2e} tokens/s {seen / (time.time() - began):.0f}"
            )
        if time.time() - saved > 600 or step + 1 == len(steps):
            out.mkdir(parents=True, exist_ok=True)
            state = {"linear": model.linear.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
            saved = time.time()


def export(checkpoint: Path, base: Path, out: Path) -> None:
    """Write what training changed in the base (`backspeak.engines.delta`)."""
    model = GgufModel(base)
    state = torch.load(checkpoint, weights_only=True, mmap=True)
    names = linear_names(model.shape)
    differences = ((name, state["linear"][key(name)].numpy() - model.tensor(name)) for name in names)
    delta.save(out, differences, {"steps": str(state["step"])})
