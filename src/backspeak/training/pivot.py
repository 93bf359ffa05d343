"""Train the embedded base model to translate between English and pivot languages, one adapter a language.

Both directions are one model; the prompt names the languages (`prompt`). Only the linear layers
learn, the trimmed embedding stays. The difference to the base is shipped as small integers
(`backspeak.engines.delta`). A GPU is used where torch sees one.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import sentencepiece
import torch
import torch.nn.functional as F

from backspeak import resources
from backspeak.engines import delta
from backspeak.engines.bundled import piece_ids
from backspeak.engines.gemma import GgufModel, linear_names
from backspeak.engines.translation import LANGUAGE_NAMES, prompt
from backspeak.engines.vocabulary import every_id, sentencepiece_model, trimmed_ids
from backspeak.errors import InputError, SettingsError
from backspeak.training import publish, rewriting
from backspeak.training.examples import records
from backspeak.training.gemma_torch import GemmaTrainer, key
from backspeak.training.rewriting import ReferenceWorks, RewritingRecipe

Log = Callable[[str], None]

TEST_SET = "flores-dev"  # choices are made on it: never trained on
# Human targets that do not belong to their sources, by file and set.
MISALIGNED = {("en-fr", "wmt14"), ("en-ru", "wmt14"), ("ru-en", "wmt14")}

# A GPU is fed so many tokens at once (fewer where a step has fewer).
_GPU_BATCH = 16_384
# The shipped vocabulary serves a language unless it cuts it into so many times more tokens than the full one.
_VOCABULARY_LOSS = 1.05
_FEWEST_USES = 3  # of a piece of the language, to be kept


@dataclass(frozen=True)
class Portion:
    """One stream of training pairs: a file, which target to take, and whether to swap sides."""

    file: str
    target: str
    reverse: bool = False


@dataclass(frozen=True)
class PivotRecipe:
    """Everything that decides the weights besides the data and the base model.

    Without portions, those of `default_portions` are taken.
    """

    pivot: str
    portions: list[Portion] = field(default_factory=list)
    exclude_sets: list[str] = field(default_factory=lambda: [TEST_SET])
    learning_rate: float = 1e-4
    warmup_steps: int = 50
    tokens_per_step: int = 4096
    tokens_per_batch: int = 2048
    max_tokens: int = 200
    epochs: int = 1
    max_steps: int | None = None  # the learning rate falls to zero by then
    most_pairs: int | None = None  # of the portions together, drawn at random
    rewriting: RewritingRecipe | None = None  # a third task: English to better English
    goes_on_from: str | None = None  # a shipped adapter, instead of the bare base
    seed: int = 20261122

    def __post_init__(self) -> None:
        if self.pivot not in LANGUAGE_NAMES or self.pivot == "en":
            known = ", ".join(language for language in LANGUAGE_NAMES if language != "en")
            raise SettingsError(f"no pivot {self.pivot!r} can be trained; there is {known}")


def read_recipes(path: Path) -> list[PivotRecipe]:
    """The recipes of a JSON file: one for its "pivot", or one for each of its "languages".

    Raises InputError for a key that no recipe has or JSON that is no recipe.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        languages = given.pop("languages", None) or [given.pop("pivot")]
        unknown = sorted(set(given) - {each.name for each in fields(PivotRecipe)} | ({"pivot"} & set(given)))
        if unknown:
            raise InputError(f"a recipe has no {', '.join(unknown)}", str(path))
        given["portions"] = [Portion(**portion) for portion in given.get("portions", [])]
        if given.get("rewriting") is not None:
            given["rewriting"] = RewritingRecipe.from_json(given["rewriting"])
        return [PivotRecipe(pivot=language, **given) for language in languages]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"no recipe ({error})", str(path)) from error


def default_portions(pivot: str, data: Path, exclude_sets: Sequence[str] = (TEST_SET,)) -> list[Portion]:
    """Both ways with machine targets, which teach a small model faster, and back to English that people wrote.

    Human targets stand in where the data has no others. Raises InputError where nothing is left to learn from.
    """
    portions = []
    for name in (f"en-{pivot}", f"{pivot}-en"):
        path = data / "parallel" / f"{name}.jsonl.xz"
        targets = (
            {target for record in records(path) for target in record["targets"] if record["set"] not in exclude_sets}
            if path.exists()
            else set()
        )
        target = next((each for each in ("google", "microsoft", "human") if each in targets), None)
        if target is not None:
            portions.append(Portion(f"parallel/{name}.jsonl.xz", target))
            if name.startswith("en-"):
                portions.append(Portion(f"parallel/{name}.jsonl.xz", target, reverse=True))
    if not portions:
        raise InputError(
            f"no sentences of {pivot} outside {', '.join(exclude_sets)}: nothing to learn from", str(data / "parallel")
        )
    return portions


def read_pairs(recipe: PivotRecipe, data: Path) -> list[tuple[str, str, str, str]]:
    """Training pairs as (source language, source, target language, target); misaligned targets are left out."""
    pairs = []
    for portion in recipe.portions:
        name = portion.file.split("/")[-1].split(".")[0]
        source_lang, target_lang = name.split("-")
        for record in records(data / portion.file):
            if record["set"] in recipe.exclude_sets or portion.target not in record["targets"]:
                continue
            if portion.target == "human" and (name, record["set"]) in MISALIGNED:
                continue
            pair = (source_lang, record["source"], target_lang, record["targets"][portion.target])
            pairs.append(pair[2:] + pair[:2] if portion.reverse else pair)
    if recipe.most_pairs is not None:
        random.Random(recipe.seed).shuffle(pairs)
    return pairs[: recipe.most_pairs]


def rewriting_pairs(recipe: PivotRecipe, data: Path, works: ReferenceWorks) -> list[tuple[str, str, str, str]]:
    """Training pairs of the rewriter, if the recipe has one; SettingsError where it needs a work that is not named."""
    if recipe.rewriting is None:
        return []
    found = rewriting.pairs(recipe.rewriting, data, works, recipe.exclude_sets)
    return [("en", text, "en", better) for text, better in found]


def vocabulary(base: GgufModel, shipped: Path, pairs: Sequence[tuple[str, str, str, str]]) -> bytes | None:
    """A SentencePiece model for English and the pivot of the pairs; None where the shipped one serves as well.

    It holds what the shipped one has for English, and the pieces that the pivot language uses.
    """
    texts = [pair[1] if pair[0] != "en" else pair[3] for pair in pairs]
    full = sentencepiece.SentencePieceProcessor(model_proto=sentencepiece_model(base.pieces, every_id(base.pieces)))
    cut = sentencepiece.SentencePieceProcessor(model_file=str(shipped))
    encoded = full.encode(texts, out_type=str)
    if sum(map(len, cut.encode(texts))) <= _VOCABULARY_LOSS * sum(map(len, encoded)):
        return None
    uses = Counter(piece for text in encoded for piece in text)
    ids = {piece.text: index for index, piece in enumerate(base.pieces)}
    english = [index for index in piece_ids(base, shipped) if base.pieces[index].text.replace("\u2581", "").isascii()]
    wanted = [ids[piece] for piece, count in uses.items() if count >= _FEWEST_USES and piece in ids]
    return sentencepiece_model(base.pieces, trimmed_ids(base.pieces, sorted({*english, *wanted})))


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


def planned(examples, recipe: PivotRecipe):
    """The optimiser steps of the whole training, epoch by epoch."""
    steps = []
    for epoch in range(recipe.epochs):
        steps += batches(examples, recipe, random.Random(recipe.seed + epoch))
    return steps[: recipe.max_steps]


def tensors(batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Padded tokens (batch, length) and the mask of scored tokens, of the same shape."""
    length = max(len(ids) for ids, _ in batch)
    tokens = torch.zeros(len(batch), length, dtype=torch.long)
    scored = torch.zeros(len(batch), length, dtype=torch.bool)
    for row, (ids, start) in enumerate(batch):
        tokens[row, : len(ids)] = torch.tensor(ids)
        scored[row, start : len(ids)] = True
    return tokens, scored


def best_device() -> str:
    """ "cuda" where torch sees a GPU, else "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def train(
    recipe: PivotRecipe,
    examples,
    base: GgufModel,
    ids: list[int],
    work: Path,
    log: Log,
    *,
    device: str | None = None,
    compiled: bool | None = None,
    max_seconds: float | None = None,
    checkpoint_seconds: float = 600.0,
) -> bool:
    """Train and leave `work/checkpoint.pt` (weights, optimiser, step); goes on from one that is there.

    Returns whether the last step was made; with `max_seconds` it may not be. `compiled` (torch.compile)
    is for a CPU, where it pays; a GPU gets larger batches instead. Raises SettingsError for a checkpoint of
    another recipe, InputError without examples.
    """
    if not examples:
        raise InputError("no training pair is left", recipe.pivot)
    device = device or best_device()
    kind = torch.device(device).type
    compiled = kind == "cpu" if compiled is None else compiled
    torch.manual_seed(recipe.seed)
    checkpoint, first = work / "checkpoint.pt", 0
    state = torch.load(checkpoint, weights_only=True, map_location="cpu") if checkpoint.exists() else None
    batch_tokens = recipe.tokens_per_batch
    if kind == "cuda":
        batch_tokens = max(batch_tokens, min(recipe.tokens_per_step, _GPU_BATCH))
    if state is not None:
        if state.get("recipe", _digest(recipe)) != _digest(recipe):
            raise SettingsError(f"{checkpoint} was made with another recipe; name another --work or remove it")
        # The steps are those of the batches that the run began with.
        batch_tokens = state.get("batch_tokens", recipe.tokens_per_batch)
    steps = planned(examples, replace(recipe, tokens_per_batch=batch_tokens))
    model = GemmaTrainer(base, ids, recipe.max_tokens)
    if recipe.goes_on_from is not None and state is None:
        _add_adapter(model, recipe.goes_on_from)
    model = model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    if state is not None:
        model.linear.load_state_dict(state["linear"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
        del state

    def cross_entropy(states, targets, embedding):
        return F.cross_entropy(F.linear(states, embedding).float(), targets, reduction="sum")

    hidden: Any = model.forward
    if compiled:
        hidden = torch.compile(hidden, dynamic=True)
        cross_entropy = torch.compile(cross_entropy, dynamic=True)
    log(
        json.dumps(
            {"recipe": asdict(recipe), "examples": len(examples), "steps": len(steps), "from": first, "device": device}
        )
    )
    began, seen, saved = time.monotonic(), 0, time.monotonic()
    for step in range(first, len(steps)):
        rate = recipe.learning_rate * min((step + 1) / recipe.warmup_steps, (len(steps) - step) / len(steps))
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch_tensors = [tensors(batch) for batch in steps[step]]
        count = sum(int(scored.sum()) for _, scored in batch_tensors)
        total = torch.zeros((), device=device)
        for tokens, scored in batch_tensors:
            seen += tokens.numel()
            tokens, scored = tokens.to(device), scored.to(device)
            # The model computes in bfloat16 over float32 weights; autocast covers what it leaves out.
            with torch.autocast(kind, torch.bfloat16):
                states = hidden(tokens)[:, :-1][scored[:, 1:]]
                loss = cross_entropy(states, tokens[:, 1:][scored[:, 1:]], model.embedding) / count
            loss.backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        spent = time.monotonic() - began
        if step % 10 == 0 or step + 1 == len(steps):
            left = spent / (step + 1 - first) * (len(steps) - step - 1)
            log(
                f"{recipe.pivot} step {step + 1}/{len(steps)} loss {total.item():.3f} rate {rate:.2e} "
                f"tokens/s {seen / max(spent, 1e-9):.0f} ETA {_clock(left)}"
            )
        out_of_time = max_seconds is not None and spent >= max_seconds
        if time.monotonic() - saved > checkpoint_seconds or step + 1 == len(steps) or out_of_time:
            _save(checkpoint, model, optimizer, step + 1, recipe, batch_tokens)
            saved = time.monotonic()
        if out_of_time and step + 1 < len(steps):
            log(f"{recipe.pivot} stopped at step {step + 1} for max-seconds; the same command goes on")
            return False
    return True


def _add_adapter(model: GemmaTrainer, name: str) -> None:
    """Put what a shipped adapter has learned into the weights."""
    adapter = delta.Delta(*delta.files(resources.models_dir() / name))
    with torch.no_grad():
        for each in linear_names(model.shape):
            weight = model.linear[key(each)]
            weight.copy_(torch.from_numpy(adapter.apply(each, weight.detach().numpy()).astype("float32")))


def _save(checkpoint: Path, model: GemmaTrainer, optimizer, step: int, recipe: PivotRecipe, batch_tokens: int) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "linear": model.linear.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "recipe": _digest(recipe),
        "batch_tokens": batch_tokens,
    }
    part = checkpoint.with_suffix(".part")
    torch.save(state, part)
    part.replace(checkpoint)


def _digest(recipe: PivotRecipe) -> str:
    return hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode()).hexdigest()


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"


def export(checkpoint: Path, base: GgufModel, folder: Path) -> list[Path]:
    """Write what training changed in the base into `folder` (`backspeak.engines.delta`); returns the files."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu", mmap=True)
    names = linear_names(base.shape)
    differences = ((name, state["linear"][key(name)].float().numpy() - base.tensor(name)) for name in names)
    return delta.save(folder, differences, {"steps": str(state["step"])})


def rebuild(
    recipe: PivotRecipe,
    data: Path,
    base: GgufModel,
    shipped_vocabulary: Path,
    work: Path,
    models: Path,
    log: Log,
    *,
    works: ReferenceWorks | None = None,
    **options: Any,
) -> Path | None:
    """Train one pivot and write `models/pivot-LANG/`: weights, vocabulary, recipe, card, its own description.

    The folder is found by every later run (`resources.manifest`). None when time ran out before the last
    step. `options` are those of `train`.
    """
    if not recipe.portions:
        recipe = replace(recipe, portions=default_portions(recipe.pivot, data, recipe.exclude_sets))
    pairs = read_pairs(recipe, data)
    own = vocabulary(base, shipped_vocabulary, pairs)
    work.mkdir(parents=True, exist_ok=True)
    text_model = shipped_vocabulary
    if own is not None:
        text_model = work / "text.model"
        text_model.write_bytes(own)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(text_model))
    pairs += rewriting_pairs(recipe, data, works or ReferenceWorks())
    examples = encode(pairs, tokenizer, recipe.max_tokens)
    if not train(recipe, examples, base, piece_ids(base, text_model), work, log, **options):
        return None
    folder = models / f"pivot-{recipe.pivot}"
    folder.mkdir(parents=True, exist_ok=True)
    export(work / "checkpoint.pt", base, folder)
    (folder / "text.model").unlink(missing_ok=True)
    if own is not None:
        (folder / "text.model").write_bytes(own)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(_card(recipe, data, len(pairs), len(examples), own is not None), encoding="utf-8")
    entry = _entry(recipe)
    publish.describe(folder, entry)
    manifest = models / "manifest.json"
    if manifest.exists() and any(each["name"] == folder.name for each in resources.manifest(models)["models"]):
        publish.write_entry(models, {"name": folder.name, **entry})
    return folder


def _entry(recipe: PivotRecipe) -> dict[str, Any]:
    pivot, rewrites = recipe.pivot, recipe.rewriting is not None
    more = " and for rewriting English" if rewrites else ""
    return {
        "pivot": pivot,
        **({"rewrites": True} if rewrites else {}),
        "description": f"Adapter of the base for English <-> {LANGUAGE_NAMES[pivot]}{more}, three bits a weight",
        "licence": "Gemma Terms of Use (a model derivative of Gemma 3)",
        "source": f"trained by the authors of backspeak; see models/pivot-{pivot}/card.md",
    }


def _card(recipe: PivotRecipe, data: Path, pairs: int, examples: int, own_vocabulary: bool) -> str:
    language = LANGUAGE_NAMES[recipe.pivot]
    rows = "".join(
        f"| {portion.file} | {portion.target} | {'into English' if portion.reverse else 'as it is'} | "
        f"{resources.sha256(data / portion.file)[:16]} |\n"
        for portion in recipe.portions
    )
    vocabulary_line = (
        f"`text.model` is a vocabulary for English and {language}."
        if own_vocabulary
        else "The vocabulary is that of `models/base`."
    )
    rewriting_lines = (
        "**Rewriting.** The same weights have learned to write English anew (`backspeak.evidence.rewriting`), from the "
        "pairs of `backspeak.training.rewriting`:\nmachine translations before and after people mended them, outputs "
        "near to their reference, English damaged on purpose, and English that stays as it is.\n\n"
        if recipe.rewriting is not None
        else ""
    )
    return f"""# pivot-{recipe.pivot}: English <-> {language}

**What it is.** What training changed in the linear layers of `models/base`, three bits a weight
(`backspeak.engines.delta`). {vocabulary_line} Added to the base at first use, int8, as ONNX graphs.

**Data.** {pairs:,} pairs, {examples:,} of at most {recipe.max_tokens} tokens; left out:
{", ".join(recipe.exclude_sets)} and human targets that do not belong to their sources.

| file | target | direction | sha256 begins |
| --- | --- | --- | --- |
{rows}
{rewriting_lines}**Recipe.** `recipe.json`, seed {recipe.seed};
`backspeak train pivot --recipe models/pivot-{recipe.pivot}/recipe.json --data DATA --work WORK --out models`.
AdamW on the linear layers, embedding frozen, bfloat16 arithmetic.

**Scores.** [docs/pivots.md](../../docs/pivots.md), from `scores.json`.

**Limits.** News style. Names and numbers are sometimes lost: a check puts that on record.

**Licence.** A derivative of Gemma 3: Gemma is provided under and subject to the Gemma Terms of Use found
at https://ai.google.dev/gemma/terms. The weights were modified by the authors of backspeak.
"""
