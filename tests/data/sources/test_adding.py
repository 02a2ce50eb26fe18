"""The adding problem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dlrun.data.sources.adding import Adding

HERE = Path()


@given(steps=st.integers(2, 12), data=st.data(), seed=st.integers(0, 5))
def test_the_target_is_the_sum_of_the_two_marked_numbers(
    steps: int, data: st.DataObject, seed: int
) -> None:
    shortest = data.draw(st.one_of(st.none(), st.integers(2, steps)))
    made = Adding(samples=40, steps=steps, shortest=shortest).load(seed, HERE)
    numbers, marks = made.inputs[..., 0], made.inputs[..., 1]
    assert made.inputs.shape == (40, steps, 2) and made.inputs.dtype == np.float32
    assert made.task == "regression" and made.columns is None
    np.testing.assert_array_equal(np.sort(marks, axis=1)[:, -2:], np.ones((40, 2)))
    np.testing.assert_allclose((numbers * marks).sum(1)[:, None], made.targets, rtol=1e-6)
    lengths = (numbers != 0).sum(axis=1)
    np.testing.assert_array_equal(numbers != 0, np.arange(steps) < lengths[:, None])
    assert lengths.min() >= (steps if shortest is None else shortest)
    places = np.nonzero(marks)[1].reshape(40, 2)
    assert (places[:, 0] < lengths // 2).all() and (places[:, 1] >= lengths // 2).all()


def test_lengths_and_draws() -> None:
    source = Adding(samples=2000, steps=9, shortest=3)
    made, again, other = source.load(1, HERE), source.load(1, HERE), source.load(2, HERE)
    assert set((made.inputs[..., 0] != 0).sum(axis=1).tolist()) == set(range(3, 10))
    np.testing.assert_array_equal(made.inputs, again.inputs)
    assert (made.inputs != other.inputs).any()
    assert np.mean((made.targets - 1.0) ** 2) == pytest.approx(1 / 6, rel=0.1)


def test_the_shortest_cannot_be_above_the_longest() -> None:
    with pytest.raises(ValidationError, match=r"'shortest' is 9, above 'steps' \(8\)"):
        Adding(steps=8, shortest=9)
