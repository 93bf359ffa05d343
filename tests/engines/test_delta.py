"""Adapters give back the difference they were made from, to the error of three bits a weight."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from safetensors import safe_open

from backspeak.engines.delta import BITS, Delta, files, save

# Eight levels leave 3.454% of a Gaussian's energy behind (Max 1960, table I).
LEFT_BEHIND = 0.03454


def _gaussian(rows: int, columns: int, deviation: float | np.ndarray = 1e-3) -> np.ndarray:
    return (np.random.default_rng(rows).normal(size=(rows, columns)) * deviation).astype(np.float32)


def _stored(path, difference: np.ndarray) -> np.ndarray:
    """What comes back of a difference."""
    save(path.parent, [("m", difference)], {})
    return Delta(path).apply("m", np.zeros_like(difference))


def _lost(stored: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Share of each row's energy that is missing."""
    return ((stored - difference) ** 2).sum(axis=1) / (difference**2).sum(axis=1)


def test_a_difference_survives_the_file(tmp_path):
    base, difference = _gaussian(40, 500, 0.05), _gaussian(41, 500)[:40]
    save(tmp_path, [("blk.0.attn_q.weight", difference)], {})
    adapted = Delta(tmp_path / "delta.safetensors").apply("blk.0.attn_q.weight", base)
    assert adapted.dtype == np.float32
    assert _lost(adapted - base, difference).mean() == pytest.approx(LEFT_BEHIND, rel=0.1)


def test_each_row_has_its_own_scale(tmp_path):
    """With one scale a matrix, rows that changed little would be lost beside those that changed much."""
    difference = _gaussian(6, 2000, np.array([[1e-1], [1e-2], [1e-3], [1e-4], [1e-5], [3e-6]]))
    lost = _lost(_stored(tmp_path / "delta.safetensors", difference), difference)
    assert (lost < 1.3 * LEFT_BEHIND).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 5), (8, 8), (5, 1)])
def test_any_shape_comes_back_in_its_order(tmp_path, shape):
    difference = _gaussian(*shape)
    stored = _stored(tmp_path / "delta.safetensors", difference)
    assert stored.shape == shape
    assert ((stored > 0) == (difference > 0)).all()


def test_a_row_that_moved_as_a_whole_is_not_lost(tmp_path):
    difference = np.full((2, 64), 0.01, np.float32)
    difference[1] *= -1
    assert (_lost(_stored(tmp_path / "delta.safetensors", difference), difference) < 0.2).all()


def test_rows_without_a_difference_stay_as_they_are(tmp_path):
    difference = _gaussian(4, 64)
    difference[2] = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stored = _stored(tmp_path / "delta.safetensors", difference)
    np.testing.assert_allclose(stored[2], 0.0, atol=1e-6)
    assert (_lost(stored[[0, 1, 3]], difference[[0, 1, 3]]) < 0.1).all()


def test_a_matrix_without_a_difference_comes_back_unchanged(tmp_path):
    save(tmp_path, [("blk.0.attn_q.weight", _gaussian(4, 4))], {})
    delta = Delta(tmp_path / "delta.safetensors")
    base = _gaussian(4, 4, 1.0)
    np.testing.assert_array_equal(delta.apply("blk.0.attn_k.weight", base), base)
    np.testing.assert_array_equal(delta.apply("output_norm.weight", base[0]), base[0])


def test_matrices_are_told_apart_by_name(tmp_path):
    first, second = _gaussian(4, 64), _gaussian(5, 32)
    save(tmp_path, [("a", first), ("b", second)], {})
    delta = Delta(tmp_path / "delta.safetensors")
    assert (_lost(delta.apply("a", np.zeros_like(first)), first) < 0.1).all()
    assert (_lost(delta.apply("b", np.zeros_like(second)), second) < 0.1).all()


def test_applying_leaves_the_base_alone(tmp_path):
    save(tmp_path, [("m", _gaussian(4, 4))], {})
    base = _gaussian(4, 4, 1.0)
    before = base.copy()
    Delta(tmp_path / "delta.safetensors").apply("m", base)
    np.testing.assert_array_equal(base, before)


def test_the_file_is_small_and_says_where_it_comes_from(tmp_path):
    path = tmp_path / "delta.safetensors"
    assert save(tmp_path, [("m", _gaussian(64, 2048))], {"steps": "12"}) == [path]
    with safe_open(path, "np") as file:
        assert file.metadata() == {"steps": "12"}
    assert path.stat().st_size < 64 * 2048 * BITS / 8 * 1.05 + 1024


def test_a_large_delta_is_written_in_pieces(tmp_path):
    """Each below the limit, nothing lost between them, and nothing left of an earlier one."""
    differences = [(f"blk.{layer}.m", _gaussian(40 + layer, 500)) for layer in range(5)]
    save(tmp_path, differences, {})
    written = save(tmp_path, differences, {"steps": "3"}, largest=220_000)
    assert [path.name for path in written] == [f"delta-{n}.safetensors" for n in range(1, len(written) + 1)]
    assert len(written) > 2
    assert all(path.stat().st_size <= 220_000 for path in written)
    assert files(tmp_path) == written
    delta = Delta(*written)
    for name, difference in differences:
        assert (_lost(delta.apply(name, np.zeros_like(difference)), difference) < 0.2).all(), name
