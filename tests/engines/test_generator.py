"""What is written does not depend on who is in work beside it, nor on where its row lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backspeak.engines import generator
from backspeak.engines.gemma_onnx import ROOM
from backspeak.engines.generator import Generator

END = 1


def _open(tiny, folder: Path, threads: int = 1) -> Generator:
    tiny.write(folder, output_tokens=tiny.text_tokens)
    return Generator(folder / generator.NAME, threads)


@pytest.fixture(scope="module")
def tiny_generator(tiny_gemma, tmp_path_factory) -> Generator:
    return _open(tiny_gemma, tmp_path_factory.mktemp("generator") / "model")


def _prompts(tiny, count: int) -> list[list[int]]:
    draw = np.random.default_rng(3)
    return [[2, *map(int, draw.integers(4, tiny.text_tokens, draw.integers(1, 12)))] for _ in range(count)]


@pytest.mark.parametrize("beam_size", [1, 2, 3])
def test_texts_come_and_go_and_every_one_is_as_it_is_alone(tiny_gemma, tiny_generator, monkeypatch, beam_size):
    """Eight rows for thirty texts of different lengths and limits: places are freed, moved and filled again."""
    monkeypatch.setattr(generator, "_ROWS", 8)
    prompts = _prompts(tiny_gemma, 30)
    limits = [3 + 5 * (index % 4) for index in range(30)]

    def generate(numbers) -> list[list[list[int]]]:
        return tiny_generator.generate(
            [prompts[i] for i in numbers],
            [limits[i] for i in numbers],
            end=END,
            beam_size=beam_size,
            hypotheses=beam_size,
        )

    alone = [generate([i])[0] for i in range(30)]
    assert generate(range(30)) == alone
    assert generate(range(29, -1, -1)) == alone[::-1]
    assert len({tuple(best[0]) for best in alone}) > 15


def test_threads_share_the_texts(tiny_gemma, tiny_generator, tmp_path):
    prompts = _prompts(tiny_gemma, 9)
    both = _open(tiny_gemma, tmp_path / "model", threads=2)
    ours, theirs = (
        each.generate(prompts, [8] * 9, end=END, beam_size=2, hypotheses=1) for each in (tiny_generator, both)
    )
    assert ours == theirs


def test_a_wider_beam_finds_nothing_worse(tiny_gemma, tiny_generator):
    """Scored by what each of its tokens has after those before it."""
    prompts = _prompts(tiny_gemma, 8)

    def score(prompt: list[int], said: list[int]) -> float:
        total, cache = 0.0, tiny_generator.cache(1, 64)
        for at, token in enumerate(said):
            ids = [*prompt, *said[:at]]
            tokens, scores = tiny_generator.step(np.array([ids]), np.array([len(ids)]), cache, tiny_gemma.text_tokens)
            total += float(scores[0, list(tokens[0]).index(token)])
        return total / len(said)

    sums = []
    for width in (1, 4):
        best = tiny_generator.generate(prompts, [6] * 8, end=END, beam_size=width, hypotheses=1)
        sums.append(sum(score(prompt, [*said, END][:6]) for prompt, (said,) in zip(prompts, best, strict=True)))
    assert sums[1] > sums[0]


def test_longer_than_the_model_can_read_is_an_error(tiny_generator):
    with pytest.raises(ValueError, match=f"may have {ROOM} tokens together, not {ROOM + 1}"):
        tiny_generator.generate([[2] * ROOM], [1], end=END, beam_size=1, hypotheses=1)


def test_nothing_is_continued_as_nothing(tiny_generator):
    assert tiny_generator.generate([], [], end=END, beam_size=2, hypotheses=1) == []
