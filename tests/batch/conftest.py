"""The command line with tiny models: what is killed, resumed and spread over processes is the real program."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backspeak.config import Settings
from backspeak.data import Findings
from backspeak.engines.bundled import Preparation
from backspeak.judge import OperatingPoint, Verdict
from backspeak.pipeline import Pipeline

TASK = 24
# Small tasks, so that a small input has many of them.
PROGRAM = f"from backspeak.batch import job; job.TASK = {TASK}; from backspeak.cli import main; main()"

_WHO = ("The baker", "A tired teacher", "My neighbour", "The lighthouse keeper", "Nobody", "The mayor's aunt")
_DOES = ("counts", "paints", "forgets", "carries", "mends", "hides", "polishes", "describes")
_WHAT = ("the blue door", "a wooden box", "every boat in the harbour", "two loaves of bread", "the old bell", "a map")
_WHEN = ("on Sunday", "before the rain comes", "while the square is empty", "in the evening", "after the last bus")


def sentences(number: int, seed: int = 1) -> list[str]:
    """English sentences of various lengths; some come more than once."""
    draw = random.Random(seed)
    made = []
    for at in range(number):
        clauses = [
            f"{draw.choice(_WHO)} {draw.choice(_DOES)} {draw.choice(_WHAT)} {draw.choice(_WHEN)}"
            for _ in range(draw.randint(1, 3))
        ]
        made.append(" and ".join(clauses) + (f" for the {at}th time." if draw.random() < 0.8 else "."))
    return made


@pytest.fixture
def task_size() -> int:
    """Texts of a task of the program that `start` starts."""
    return TASK


@pytest.fixture
def write_sentences(tmp_path: Path) -> Callable[[int], Path]:
    def write(number: int, name: str = "in.jsonl") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": text}) + "\n" for text in sentences(number))
        return path

    return write


@pytest.fixture(scope="session")
def tiny_cache(tiny_gemma, tmp_path_factory) -> Path:
    """A cache folder in which the embedded models are made ready, and tiny."""
    folder = tmp_path_factory.mktemp("tiny-cache")

    def fill(self: Preparation, target: Path, name: str, base: Any, adapter: Any, trained: bool) -> dict[str, Any]:
        tiny_gemma.write(target, output_tokens=tiny_gemma.text_tokens)
        return {"name": name}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKSPEAK_CACHE", str(folder))
        patch.setattr(Preparation, "_fill", fill)
        Preparation().language_model()
        Preparation().pivot("es")
    return folder


@pytest.fixture
def environment(tiny_cache: Path) -> dict[str, str]:
    """Of a process that uses the tiny models."""
    return {**os.environ, "BACKSPEAK_CACHE": str(tiny_cache), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.fixture
def start(environment: dict[str, str]) -> Callable[..., subprocess.Popen[str]]:
    """Start the program in a process of its own; its events come on standard error."""

    def start_program(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *map(str, arguments)],
            env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    return start_program


class LengthJudge:
    """Stands in for the judge: a word is the worse the longer it is."""

    reads_likelihood = False

    def __init__(self) -> None:
        self.judged: list[str] = []

    def load(self) -> None:
        pass

    def reads(self, source_lang: str | None) -> bool:
        return True

    def signature(self) -> str:
        return "judge:length"

    def operating_point(self, *, sensitive: bool = False) -> OperatingPoint:
        return OperatingPoint(0.5, 0.7, 0.9) if sensitive else OperatingPoint(0.8, 0.9, 0.95)

    def judge(self, findings: Sequence[Findings]) -> list[Verdict]:
        self.judged += [each.segment.text for each in findings]
        if any("explode" in each.segment.text for each in findings):
            raise ValueError("the judge cannot bear it\nwith a second line")
        return [self._verdict(each) for each in findings]

    def _verdict(self, findings: Findings) -> Verdict:
        lengths = np.array([min(0.99, (end - start) / 15) for start, end in findings.words])
        # A round trip takes away half of the doubt.
        lengths = lengths / 2 if findings.back_translations else lengths
        return Verdict(lengths, float(lengths.max(initial=0.0)), 100.0 - 5 * len(findings.words))


class Silent:
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.steps: list[tuple[int, int, str, bool]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []

    def notice(self, message: str) -> None:
        self.notices.append(message)

    def step(self, done: int, total: int, what: str, *, estimated: bool = False) -> None:
        self.steps.append((done, total, what, estimated))

    def stage(self, name: str) -> None:
        pass

    def event(self, name: str, **facts: Any) -> None:
        self.events.append((name, facts))


def _backwards(text: str, source_lang: str, target_lang: str) -> list[str]:
    return [" ".join(word[::-1] for word in text.split())]


@pytest.fixture
def judge() -> LengthJudge:
    return LengthJudge()


@pytest.fixture
def reporter() -> Silent:
    return Silent()


@pytest.fixture
def make_pipeline(empty_bank, scripted_embedded, judge) -> Callable[..., Pipeline]:
    """A pipeline without a model: a script translates, the judge looks at lengths."""

    def make(settings: Settings | None = None, *, judge: LengthJudge = judge, **options: Any) -> Pipeline:
        settings = settings or Settings(**options)
        return Pipeline(settings, embedded=scripted_embedded(_backwards), bank=empty_bank, judge=judge)

    return make
