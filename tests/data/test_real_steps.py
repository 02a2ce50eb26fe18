"""Targets of real steps, of arrays in memory and of lazy ones."""

from __future__ import annotations

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.data.real_steps import targets_of
from dlrun.data.samples import Held


@pytest.mark.parametrize("lazy", [False, True])
def test_only_real_steps_are_left(lazy: bool) -> None:
    """Of more samples than are read at a time."""
    random = np.random.default_rng(0)
    targets = random.normal(size=(3000, 50, 8)).astype(np.float32)
    mask = (random.uniform(size=(3000, 50)) < 0.3).astype(np.float32)
    mask[:2000] = 0
    asked: list[slice] = []

    def real(rows: slice) -> Array:
        asked.append(rows)
        return mask[rows]

    samples = Held(targets) if lazy else targets
    np.testing.assert_array_equal(np.concatenate([*targets_of(samples, real)]), targets[mask != 0])
    np.testing.assert_array_equal(np.concatenate([*targets_of(samples, None)]), targets)
    assert len(asked) > 1
    assert [*range(3000)] == [row for rows in asked for row in range(rows.start, rows.stop)]
