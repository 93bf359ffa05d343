"""Paired tests against what is known: no difference, a sure one, an enumerable one, sacreBLEU's own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, TER
from sacrebleu.significance import PairedTest

from backspeak.comparison import significance
from backspeak.comparison.metrics import reference_metrics
from backspeak.comparison.significance import paired_test


def mean(total: np.ndarray) -> float:
    return float(total[0] / total[1])


def rows(values: list[float] | np.ndarray) -> np.ndarray:
    return np.stack([np.asarray(values, float), np.ones(len(values))], axis=1)


def test_two_equal_systems_differ_by_nothing() -> None:
    scores = rows(np.linspace(0.0, 90.0, 40) / 7)
    test = paired_test(scores, scores, mean)
    assert (test.difference, test.low, test.high, test.bootstrap_p, test.randomisation_p) == (0.0, 0.0, 0.0, 1.0, 1.0)


def test_a_constant_gain_is_certain() -> None:
    a = np.linspace(10.0, 60.0, 50)
    test = paired_test(rows(a), rows(a + 5.0), mean)
    assert test.difference == pytest.approx(5.0)
    assert (test.low, test.high) == (pytest.approx(5.0), pytest.approx(5.0))
    assert test.bootstrap_p == pytest.approx(1 / 1001)
    assert test.randomisation_p < 0.001


def test_noise_is_not_significant() -> None:
    generator = np.random.default_rng(1)
    rejected = 0
    for seed in range(100):
        a, b = generator.normal(50, 10, 60), generator.normal(50, 10, 60)
        test = paired_test(rows(a), rows(b), mean, resamples=200, trials=400, seed=seed)
        rejected += test.bootstrap_p < 0.05 and test.randomisation_p < 0.05
    assert rejected <= 10


def test_randomisation_approximates_the_exact_test() -> None:
    differences = np.array([3.0, 1.0, -2.0, 4.0, 2.5, -0.5, 1.5, 2.0])
    real = abs(differences.mean())
    swapped = [abs((differences * signs).mean()) for signs in itertools.product((1, -1), repeat=8)]
    exact = np.mean([each >= real - 1e-12 for each in swapped])
    test = paired_test(rows(np.zeros(8)), rows(differences), mean)
    assert test.randomisation_p == pytest.approx(exact, abs=0.01)


def test_the_bootstrap_interval_is_that_of_the_mean() -> None:
    generator = np.random.default_rng(2)
    difference = generator.normal(1.0, 8.0, 400)
    test = paired_test(rows(np.zeros(400)), rows(difference), mean, resamples=3000)
    half = 1.96 * difference.std() / 20
    assert test.low == pytest.approx(difference.mean() - half, abs=0.08)
    assert test.high == pytest.approx(difference.mean() + half, abs=0.08)


def test_the_seed_decides_and_the_memory_bound_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    a, b = rows(generator.normal(50, 10, 30)), rows(generator.normal(53, 10, 30))
    one, same, other = (paired_test(a, b, mean, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    monkeypatch.setattr(significance, "_AT_ONCE", 100)
    assert paired_test(a, b, mean, seed=1).randomisation_p == pytest.approx(one.randomisation_p, abs=0.02)


@pytest.mark.parametrize(("a", "b"), [(np.ones((2, 2)), np.ones((3, 2))), (np.ones((0, 2)), np.ones((0, 2)))])
def test_what_is_not_paired_is_refused(a: np.ndarray, b: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not of the same segments"):
        paired_test(a, b, mean)


def texts(seed: int, errors: float) -> tuple[list[str], list[str]]:
    """Translations with that share of wrong words, and their references."""
    generator = np.random.default_rng(seed)
    words = ["the", "old", "ferry", "left", "harbour", "before", "noon", "and", "nobody", "on", "pier", "waved", "the"]
    references = [" ".join(generator.permutation(words)) + "." for _ in range(120)]
    return [
        " ".join("wrong" if generator.random() < errors else word for word in reference.split())
        for reference in references
    ], references


def test_reference_metrics_are_those_of_sacrebleu() -> None:
    a, references = texts(5, 0.25)
    b, again = texts(5, 0.22)
    assert references == again
    metrics = {metric.name: metric for metric in reference_metrics(a, b, references)}
    assert list(metrics) == ["BLEU", "chrF", "TER"]
    assert metrics["BLEU"].score(metrics["BLEU"].a.sum(0)) == pytest.approx(BLEU().corpus_score(a, [references]).score)
    assert metrics["TER"].score(metrics["TER"].b.sum(0)) == pytest.approx(TER().corpus_score(b, [references]).score)
    assert [metric.higher_is_better for metric in metrics.values()] == [True, True, False]
    assert metrics["BLEU"].signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")


def test_p_values_agree_with_sacrebleu() -> None:
    a, references = texts(6, 0.25)
    b, _ = texts(7, 0.22)
    metric = next(reference_metrics(a, b, references))
    ours = paired_test(metric.a, metric.b, metric.score)
    theirs = {}
    for kind in ("ar", "bs"):
        _, results = PairedTest([("a", a), ("b", b)], {"BLEU": BLEU()}, [references], test_type=kind)()
        theirs[kind] = results["BLEU"][1].p_value
        assert results["BLEU"][1].score == pytest.approx(ours.b)
    assert ours.randomisation_p == pytest.approx(theirs["ar"], abs=0.02)
    assert ours.bootstrap_p == pytest.approx(theirs["bs"], abs=0.05)
