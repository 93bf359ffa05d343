"""How well an engine translates: corpus BLEU and chrF by sacreBLEU, degenerate outputs, speed."""

from __future__ import annotations

import json
import lzma
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sacrebleu

from backspeak.engines.base import Engine
from backspeak.engines.degenerate import degenerate_reason


def read_parallel(data: Path, source_lang: str, target_lang: str, test_set: str) -> list[tuple[str, str]]:
    """(source, human target) pairs of one set of `parallel/<source>-<target>.jsonl.xz`."""
    path = data / "parallel" / f"{source_lang}-{target_lang}.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [(record["source"], record["targets"]["human"]) for record in records if record["set"] == test_set]


def score(engine: Engine, pairs: Sequence[tuple[str, str]], source_lang: str, target_lang: str) -> dict[str, Any]:
    """Corpus scores with sacreBLEU's signatures, share of degenerate outputs, source words a second."""
    sources, references = [source for source, _ in pairs], [[target for _, target in pairs]]
    began = time.perf_counter()
    outputs = [hypotheses[0] for hypotheses in engine.translate(sources, source_lang, target_lang)]
    seconds = time.perf_counter() - began
    bleu, chrf = sacrebleu.BLEU(), sacrebleu.CHRF()
    degenerate = sum(
        degenerate_reason(output, source, target_lang, source_lang=source_lang) is not None
        for output, source in zip(outputs, sources, strict=True)
    )
    return {
        "direction": f"{source_lang}-{target_lang}",
        "sentences": len(pairs),
        "bleu": round(bleu.corpus_score(outputs, references).score, 2),
        "bleu_signature": str(bleu.get_signature()),
        "chrf": round(chrf.corpus_score(outputs, references).score, 2),
        "chrf_signature": str(chrf.get_signature()),
        "degenerate_percent": round(100 * degenerate / max(1, len(pairs)), 2),
        "words_per_second": round(sum(len(source.split()) for source in sources) / seconds, 1),
        "engine": engine.signature(),
    }
