"""A tree of texts scores each of them as it is scored alone."""

from __future__ import annotations

import numpy as np
import pytest

from backspeak.engines import scorer
from backspeak.engines.scorer import Scorer

# Common beginnings of every kind: none, the whole of another, a second fork after the first; one twice.
SEQUENCES = [
    [2, 11, 12, 13, 14, 15],
    [2, 11, 12, 20, 14, 15],
    [2, 11, 12, 20, 21],
    [2, 11],
    [2, 30, 12, 13, 14, 15],
    [2, 11, 12, 13, 14, 15],
    [2, 11, 12, 13, 14, 15, 16, 17],
]
SCORED = [5, 2, 4, 1, 3, 5, 2]


@pytest.fixture(scope="module")
def tiny_scorer(tiny_gemma, tmp_path_factory) -> Scorer:
    folder = tmp_path_factory.mktemp("scorer") / "model"
    tiny_gemma.write(folder, output_tokens=tiny_gemma.text_tokens)
    return Scorer(folder / scorer.NAME)


@pytest.fixture
def read(tiny_scorer, monkeypatch) -> list[int]:
    """How many tokens each run of the graph had."""
    counts: list[int] = []
    run = tiny_scorer._run

    def counted(name, ids, *rest):
        counts.append(ids.size)
        return run(name, ids, *rest)

    monkeypatch.setattr(tiny_scorer, "_run", counted)
    return counts


def _alone(tiny_scorer) -> list[float]:
    return [tiny_scorer.totals([each], [count])[0] for each, count in zip(SEQUENCES, SCORED, strict=True)]


def test_a_tree_scores_each_text_as_it_is_alone(tiny_scorer):
    together = tiny_scorer.totals(SEQUENCES, SCORED)
    # By rounding, which eight bits make visible; a token more or less that is seen would be more.
    np.testing.assert_allclose(together, _alone(tiny_scorer), rtol=0.01, atol=0.02)
    assert together[0] == together[5]
    assert len({round(each, 2) for each in together}) == len(SEQUENCES) - 1


def test_the_sum_is_that_of_the_likelihoods_of_its_tokens(tiny_scorer):
    for sequence, count in zip(SEQUENCES, SCORED, strict=True):
        (logits,) = tiny_scorer.logits(np.array([sequence]), [count])
        chosen = logits[np.arange(count), sequence[len(sequence) - count :]]
        expected = (chosen - np.log(np.exp(logits).sum(axis=1))).sum()
        assert tiny_scorer.totals([sequence], [count])[0] == pytest.approx(expected, rel=0.01, abs=0.02)


def test_common_beginnings_are_read_once(tiny_scorer, read):
    tiny_scorer.totals(SEQUENCES, SCORED)
    assert read == [len({tuple(each[: end + 1]) for each in SEQUENCES for end in range(len(each))})]


def test_a_tree_that_is_full_gives_way_to_the_next(tiny_scorer, read, monkeypatch):
    whole = tiny_scorer.totals(SEQUENCES, SCORED)
    read.clear()
    monkeypatch.setattr(scorer, "_TREE", 9)
    np.testing.assert_allclose(tiny_scorer.totals(SEQUENCES, SCORED), whole, rtol=0.01, atol=0.02)
    assert len(read) > 1
    assert max(read) <= 9


def test_one_text_is_longer_than_a_tree(tiny_scorer, monkeypatch):
    whole = _alone(tiny_scorer)
    monkeypatch.setattr(scorer, "_TREE", 2)
    assert tiny_scorer.totals(SEQUENCES, SCORED) == whole


def test_nothing_is_asked_of_a_text_without_scored_tokens(tiny_scorer, read):
    assert tiny_scorer.totals([[2], [2, 11]], [0, 0]) == [0.0, 0.0]
    assert tiny_scorer.totals([], []) == []
    assert read == []


def test_logits_do_not_depend_on_the_other_rows(tiny_scorer):
    rows = np.array([SEQUENCES[0], SEQUENCES[1], SEQUENCES[4]])
    together = tiny_scorer.logits(rows, [3, 5, 1])
    for row, count, found in zip(rows, (3, 5, 1), together, strict=True):
        np.testing.assert_array_equal(tiny_scorer.logits(row[None], [count])[0], found)
