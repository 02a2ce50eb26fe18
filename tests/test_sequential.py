"""Boundaries of group-sequential tests against published ones, a closed form and simulation."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from dlrun.sequential import Walk, chance, levels

PLANS = [(2, 3), (3, 5), (2, 4, 6), (5, 10), (3, 6, 9, 12), (2, 3, 4, 5, 6)]


@pytest.mark.parametrize(
    "boundaries",
    [
        # Five looks, two-sided error 0.05: Jennison & Turnbull, "Group sequential methods", 1999,
        # tables 2.1 (Pocock) and 2.3 (O'Brien & Fleming).
        [2.413] * 5,
        [2.040 * math.sqrt(5 / look) for look in range(1, 6)],
    ],
)
def test_published_boundaries_have_their_error(boundaries: list[float]) -> None:
    """With many values t is normal: what is left is in proportion to 1 / values."""
    errors = []
    for values in (100, 200):
        first, *rest = (float(stats.norm.sf(bound)) for bound in boundaries)
        walk, whole = Walk(values, first), first
        for look, level in enumerate(rest, start=2):
            whole += walk.exits(look * values, level)
            walk.advance(look * values, level)
        errors.append(2 * whole)
    assert 2 * errors[1] - errors[0] == pytest.approx(0.05, abs=5e-5)


def test_the_second_look_after_two_values_is_exact() -> None:
    """From U = sqrt(2) sin(b), b uniform, to U' = U cos(a) + sin(a), a uniform by its sine."""
    first, second = 0.02, 0.01
    bound, bound2 = stats.t.isf(first, 1), stats.t.isf(second, 2)
    limit = math.sqrt(3) * bound2 / math.sqrt(2 + bound2**2)

    def above(angle: float) -> float:
        u = math.sqrt(2) * math.sin(angle)
        sines = np.linspace(-1, 1, 4_001)
        return float(((u * np.sqrt(1 - sines**2) + sines) > limit).mean())

    end = math.atan(bound)
    whole, _ = integrate.quad(above, -math.pi / 2, end, limit=60, epsabs=1e-5)
    assert Walk(2, first).exits(3, second) == pytest.approx(whole / math.pi, rel=0.02)


@pytest.mark.parametrize("looks", PLANS)
@pytest.mark.parametrize("error", [0.05, 0.01])
def test_all_looks_together_have_the_error(looks: tuple[int, ...], error: float) -> None:
    random, tests = np.random.default_rng(looks[-1]), 60_000
    values = random.normal(size=(tests, looks[-1]))
    held = np.zeros(tests, bool)
    for look, level in zip(looks, levels(looks, error), strict=True):
        held |= stats.ttest_1samp(values[:, :look], 0.0, axis=1, alternative="greater").pvalue < (
            level / 2
        )
        spent = error / 2 * (look / looks[-1]) ** 2
        assert held.mean() == pytest.approx(spent, abs=4 * math.sqrt(spent / tests))


def test_normal_levels_would_hold_too_often() -> None:
    """With few values, levels of many are too large for t: the reason for exact ones."""
    few, many = levels((3, 6, 9, 12), 0.05), levels((150, 300, 450, 600), 0.05)
    assert few[0] == many[0] == pytest.approx(0.05 / 16)
    assert all(one < 0.95 * other for one, other in zip(few[1:], many[1:], strict=True))


@pytest.mark.parametrize("looks", PLANS)
def test_a_larger_error_holds_whenever_a_smaller_one_does(looks: tuple[int, ...]) -> None:
    """What Holm's procedure needs to test again with a larger error."""
    rows = [levels(looks, 0.05 / claims) for claims in (1, 2, 5)]
    for larger, smaller in pairwise(rows):
        assert all(one > other for one, other in zip(larger, smaller, strict=True))
    assert all(row[-1] < 0.05 for row in rows)


def test_one_look_is_a_single_test() -> None:
    assert levels((7,), 0.05) == (0.05,)


def test_the_chance_is_that_of_a_brownian_motion() -> None:
    random, fraction, level = np.random.default_rng(0), 0.4, 0.02
    z = 1.0
    drift = (z + stats.norm.ppf(0.8)) / math.sqrt(fraction)
    rest = random.normal((1 - fraction) * drift, math.sqrt(1 - fraction), size=200_000)
    expected = (z * math.sqrt(fraction) + rest > stats.norm.isf(level)).mean()
    found = chance(np.array([stats.norm.sf(z), 1.0, 0.0]), fraction, level)
    assert found[0] == pytest.approx(expected, abs=5e-3)
    assert found[1:].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("values", [(2, 3), (2, 9), (3, 5), (10, 20)])
@pytest.mark.parametrize("level", [0.99, 0.9, 0.5, 0.1, 0.01])
def test_if_none_ends_before_t_has_its_own_distribution(
    values: tuple[int, int], level: float
) -> None:
    first, second = values
    assert Walk(first, 1e-12).exits(second, level) == pytest.approx(level, abs=1e-3)
