"""How well an engine translates: corpus BLEU and chrF by sacreBLEU, degenerate outputs, speed.

Translations are made as a check makes them, with a second attempt where the first is degenerate.
"""

from __future__ import annotations

import json
import lzma
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sacrebleu

from backspeak.engines import checked
from backspeak.engines.base import Engine, LanguagePair
from backspeak.engines.decoder import Decoder
from backspeak.engines.translation import prompt
from backspeak.errors import InputError
from backspeak.training.examples import part_of

EXAMPLES = 4
_EXAMPLE_LENGTHS = range(30, 150)  # characters


def read_parallel(data: Path, source_lang: str, target_lang: str, test_set: str) -> list[tuple[str, str]]:
    """(source, human target) pairs of one set of `parallel/<source>-<target>.jsonl.xz`.

    Raises InputError where there is no such file or no such set in it.
    """
    path = data / "parallel" / f"{source_lang}-{target_lang}.jsonl.xz"
    records = _records(path)
    pairs = [
        (record["source"], record["targets"]["human"])
        for record in records
        if record["set"] == test_set and "human" in record["targets"]
    ]
    if not pairs:
        sets = ", ".join(sorted({record["set"] for record in records}))
        raise InputError(f"no sentences of {test_set!r} with a human target; there is {sets}", str(path))
    return pairs


def held_out(pairs: Sequence[tuple[str, str]], source_lang: str) -> list[tuple[str, str]]:
    """The pairs whose English hashes into no training part: a rewriter has seen none of them."""
    return [
        (source, target)
        for source, target in pairs
        if part_of((source if source_lang == "en" else target).strip()) != "train"
    ]


def read_examples(data: Path, source_lang: str, target_lang: str, test_set: str) -> list[tuple[str, str]]:
    """Pairs to show a model that was not trained to translate: the first of middle length outside the test set."""
    path = data / "parallel" / f"{source_lang}-{target_lang}.jsonl.xz"
    found = [
        (record["source"], record["targets"].get("human") or next(iter(record["targets"].values())))
        for record in _records(path)
        if record["set"] != test_set and len(record["source"]) in _EXAMPLE_LENGTHS
    ][:EXAMPLES]
    if len(found) < EXAMPLES:
        raise InputError(f"no {EXAMPLES} examples outside {test_set!r}", str(path))
    return found


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except FileNotFoundError as error:
        raise InputError("there is no such file", str(path)) from error


class Untrained:
    """The base without an adapter, shown a few examples before each sentence (see base.Engine)."""

    name = "untrained"

    def __init__(self, decoder: Decoder, examples: Sequence[tuple[str, str]], pair: LanguagePair) -> None:
        self._decoder, self._pair = decoder, pair
        self._shown = "".join(f"{prompt(pair[0], source, pair[1])} {target}\n" for source, target in examples)
        self._examples = len(examples)

    def signature(self) -> str:
        return f"engine:{self.name}|examples:{self._examples}|beam:1"

    def supports(self, source_lang: str, target_lang: str) -> bool:
        return (source_lang, target_lang) == self._pair

    def pairs(self) -> list[LanguagePair] | None:
        return [self._pair]

    def translate(
        self, texts: Sequence[str], source_lang: str, target_lang: str, *, samples: int = 0
    ) -> list[list[str]]:
        """Greedy translations; the same one again where more are asked for."""
        outputs = self._decoder.continuations(
            [self._shown + prompt(source_lang, text, target_lang) for text in texts],
            max_tokens=[2 * self._decoder.count_tokens(text) + 12 for text in texts],
            beam_size=1,
            hypotheses=1,
            end_token="\n",
        )
        return [each * (1 + samples) for each in outputs]


def score(engine: Engine, pairs: Sequence[tuple[str, str]], source_lang: str, target_lang: str) -> dict[str, Any]:
    """Corpus scores with sacreBLEU's signatures, share of degenerate outputs, source words a second.

    `degenerate_percent` counts what is still degenerate after the second attempt, `retried_percent` what
    had one; `reasons` says why, of the former.
    """
    sources, references = [source for source, _ in pairs], [[target for _, target in pairs]]
    began = time.perf_counter()
    made = checked.translate(engine, sources, source_lang, target_lang)
    seconds = time.perf_counter() - began
    outputs = [each.hypotheses[0] for each in made]
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF()
    reasons = [each.reasons[0] for each in made if not each.usable]
    return {
        "direction": f"{source_lang}-{target_lang}",
        "sentences": len(pairs),
        "bleu": round(bleu.corpus_score(outputs, references).score, 2),
        "bleu_signature": str(bleu.get_signature()),
        "chrf": round(chrf.corpus_score(outputs, references).score, 2),
        "chrf_signature": str(chrf.get_signature()),
        "degenerate_percent": round(100 * len(reasons) / max(1, len(pairs)), 2),
        "retried_percent": round(100 * sum(each.first_reason is not None for each in made) / max(1, len(pairs)), 2),
        "reasons": {str(reason): reasons.count(reason) for reason in sorted(map(str, set(reasons)))},
        "words_per_second": round(sum(len(source.split()) for source in sources) / max(seconds, 1e-9), 1),
        "engine": engine.signature(),
    }
