from __future__ import annotations

import numpy as np
import pytest

from dlrun.power import smallest_effect
from dlrun.sequential_power import compared, held

LOOKS = (3, 6, 9, 12)


def test_a_single_test_is_compared_with_itself() -> None:
    one = compared((12,), 0.05)
    assert (one.effect, one.values) == (1.0, 1.0)


def test_the_power_is_that_which_is_promised() -> None:
    """With other random numbers than those of the plan."""
    plan, single = compared(LOOKS, 0.05), smallest_effect(1.0, 12, 0.025)
    drawn = np.random.default_rng(1).normal(size=(20_000, 12))
    holds, used = held(drawn + plan.effect * single, LOOKS, 0.05)
    assert holds.mean() == pytest.approx(0.8, abs=0.025)
    assert used.mean() / 12 == pytest.approx(plan.values, abs=0.02)
    assert 1.03 < plan.effect < 1.15
    assert 0.6 < plan.values < 0.9


def test_giving_up_saves_seeds_and_lets_no_more_tests_hold() -> None:
    drawn = np.random.default_rng(2).normal(size=(40_000, 12))
    holds, used = held(drawn, LOOKS, 0.05)
    assert holds.mean() <= 0.025 + 3 * (0.025 * 0.975 / 40_000) ** 0.5
    assert used.mean() < 8
    assert set(used.tolist()) == set(LOOKS)
