"""The figures of a comparison."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import backspeak
from backspeak.comparison import Pair, compare, pair, read_side
from backspeak.comparison.report import is_worse, outcome, verdict
from backspeak.errors import InputError
from backspeak.scoring import summarize


@pytest.fixture
def compared(run: Callable) -> Callable:
    def made(a: list, b: list, signatures: tuple[str | None, str | None] = (None, None)) -> dict:
        sides = read_side(run("a", a, signatures[0])), read_side(run("b", b, signatures[1]))
        return compare(*sides, pair(*sides))

    return made


def test_wins_ties_and_what_was_not_scored(compared: Callable, a_segment: Callable) -> None:
    a = [a_segment(1, score=50.0), a_segment(2, score=50.0), a_segment(3, score=50.0), a_segment(4, score=None)]
    b = [a_segment(1, score=51.0), a_segment(2, "An other.", score=49.1), a_segment(3, score=20.0), a_segment(4)]
    result = compared(a, b)
    assert (result["segments"], result["scored"], result["same_text"]) == (4, 3, 2)
    assert (result["b_better"], result["a_better"], result["ties"]) == (1, 1, 1)
    assert result["signature"] == f"segments:3|tie:1|bs:1000|ar:10000|seed:12345|version:{backspeak.__version__}"
    assert result["metrics"] == []
    assert json.loads(json.dumps(result)) == result


def test_the_scores_are_those_of_the_summaries(compared: Callable, a_segment: Callable) -> None:
    a = [a_segment(1, "one", 90.0), a_segment(2, "one two three", 30.0)]
    b = [a_segment(1, "one two", 20.0), a_segment(2, "one", 80.0)]
    score = compared(a, b)["score"]
    assert score["a"] == pytest.approx(summarize(a)["score"], abs=0.05)
    assert score["b"] == pytest.approx(summarize(b)["score"], abs=0.05)


def test_a_sure_gain_is_said_and_a_sure_loss_fails(compared: Callable, a_segment: Callable) -> None:
    worse = [a_segment(at, score=40.0 + at % 5) for at in range(40)]
    better = [a_segment(at, score=46.0 + at % 7) for at in range(40)]
    gain, loss, none = compared(worse, better), compared(better, worse), compared(worse, worse)
    assert verdict(gain) == "b is better than a by 6.9 points of 100, and that is unlikely to be chance."
    assert verdict(loss).startswith("a is better than b")
    assert verdict(none) == "No significant difference between the two."
    assert [is_worse(each) for each in (gain, loss, none)] == [False, True, False]
    assert [each["score"]["better"] for each in (gain, loss, none)] == ["b", "a", None]


def test_references_bring_metrics_with_signatures(compared: Callable, a_segment: Callable) -> None:
    reference = "The ferry left the harbour before noon on Monday {}."
    a = [a_segment(at, f"The boat left harbour at noon {at}.", reference=reference.format(at)) for at in range(20)]
    b = [a_segment(at, reference.format(at), reference=reference.format(at)) for at in range(20)]
    b[3] = a_segment(3, "No reference here.")
    metrics = {each["name"]: each for each in compared(a, b)["metrics"]}
    assert {each["better"] for each in metrics.values()} == {"b"}
    assert metrics["TER"]["difference"] < 0 < metrics["BLEU"]["difference"]
    assert metrics["chrF"]["segments"] == 20
    assert metrics["BLEU"]["signature"].endswith("|bs:1000|ar:10000|seed:12345")


@pytest.mark.parametrize(
    ("signatures", "comparable"), [(("v:1", "v:1"), True), (("v:1", "v:2"), False), (("v:1", None), None)]
)
def test_runs_of_other_settings_are_told_apart(
    compared: Callable, a_segment: Callable, signatures: tuple, comparable: bool | None
) -> None:
    assert compared([a_segment(1)], [a_segment(1)], signatures)["comparable"] is comparable


def test_nothing_scored_is_an_error(compared: Callable, a_segment: Callable) -> None:
    with pytest.raises(InputError, match="no segment was scored"):
        compared([a_segment(1, score=None)], [a_segment(1)])


@pytest.mark.parametrize(("b", "expected"), [(50.9, "tie"), (51.0, "b"), (49.0, "a"), (49.1, "tie"), (50.0, "tie")])
def test_a_tie_is_less_than_a_point(a_segment: Callable, b: float, expected: str) -> None:
    assert outcome(Pair(a_segment(1, score=50.0), a_segment(1, score=b))) == expected
