"""What a run does besides the models, measured: none of it may cost what a model costs (milliseconds a segment)."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from backspeak.batch.cache import EvidenceCache, key
from backspeak.batch.codec import decode, encode
from backspeak.batch.composition import items_of, portions
from backspeak.batch.store import Result, RunStore
from backspeak.batch.worker import result_of
from backspeak.data import CheckedSegment, Findings, Segment, Word
from backspeak.evidence import phrase_bank, typography
from backspeak.evidence.words import word_offsets
from backspeak.formats import InputStream
from backspeak.judge import Verdict
from backspeak.phrasebank import PhraseBank

TEXTS = [
    f"The keeper of lighthouse number {at} counts the boats every evening, and writes what he saw in a green book."
    for at in range(500)
]
SEGMENTS = [Segment("d", str(at), text) for at, text in enumerate(TEXTS)]


# Enough to see a change of a tenth, and no more.
pytestmark = pytest.mark.benchmark(min_rounds=3, max_time=0.3)


def _findings(segment: Segment) -> tuple[Findings, Verdict]:
    words = word_offsets(segment.text)
    likelihood = {f"alone_{name}": np.linspace(-9, 0, len(words)) for name in ("total", "least", "rank", "entropy")}
    return Findings(segment, words, None, likelihood), Verdict(np.linspace(0, 1, len(words)), 0.5, 70.0)


def test_reading(benchmark, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    assert len(benchmark(lambda: list(InputStream([tmp_path / "in.jsonl"])))) == len(TEXTS)


def test_phrases_and_typography(benchmark) -> None:
    bank = PhraseBank.load()

    def collect() -> None:
        for text in TEXTS:
            typography.collect(text)
            phrase_bank.collect(text, bank)

    benchmark(collect)


def test_composing(benchmark) -> None:
    placed = list(enumerate(SEGMENTS))
    made = benchmark(lambda: portions(items_of(placed, lambda segment: key("s", segment)), 64, seed=1))
    assert sum(map(len, made)) == len(SEGMENTS)


def test_keeping_and_reading_findings(benchmark) -> None:
    made = [_findings(segment) for segment in SEGMENTS]

    def there_and_back() -> list[Findings]:
        kept = [encode(*each) for each in made]
        return [decode(data, segment)[0] for data, segment in zip(kept, SEGMENTS, strict=True)]

    assert benchmark(there_and_back)[-1].words == made[-1][0].words


def _results() -> list[Result]:
    return [
        result_of(at, CheckedSegment(each, "ok", None, 50.0, 0.5, tuple(Word(a, b, 0.25, False) for a, b in words)))
        for at, each in enumerate(SEGMENTS)
        for words in [word_offsets(each.text)]
    ]


def test_writing_lines(benchmark) -> None:
    assert len(benchmark(_results)) == len(SEGMENTS)


def test_committing(benchmark, tmp_path: Path) -> None:
    store, results = RunStore(tmp_path, {}), _results()
    benchmark(lambda: store.commit(results))
    assert store.count() == len(results)
    store.remove()


def test_asking_the_cache(benchmark, tmp_path: Path) -> None:
    cache, numbers = EvidenceCache(tmp_path, pytest.fail), count()
    cache.put([(b"%d" % next(numbers), bytes(1500)) for _ in range(5000)])
    keys = [b"%d" % at for at in range(0, 5000, 10)]
    assert len(benchmark(lambda: cache.get(keys))) == len(keys)
    cache.close()
