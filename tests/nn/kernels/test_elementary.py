"""The functions that vectorized loops are made of, against NumPy and SciPy in float64."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
import pytest
from scipy.special import ndtr

from dlrun.nn.kernels.compiled import elementary

Array = np.ndarray
HALF = np.float32(0.5)


@numba.vectorize
def exp(x: float) -> float:
    return elementary.exp(x)


@numba.vectorize
def expm1(x: float) -> float:
    return elementary.expm1(x)


@numba.vectorize
def log1p(x: float) -> float:
    return elementary.log1p(x)


@numba.vectorize
def tanh(x: float) -> float:
    return elementary.tanh(x)


@numba.vectorize
def normal_tail(x: float) -> float:
    return elementary.normal_tail(x, elementary.exp(-(x * x * HALF)))


def below(x: Array) -> Array:
    return ndtr(-x)


# Function, what it should give, where, and how many units in the last place it may be off.
CASES = [
    (exp, np.exp, (-87.3, 88.3), 1.2),
    (exp, np.exp, (-1.0, 1.0), 1.2),
    (expm1, np.expm1, (-20.0, 20.0), 2.5),
    (expm1, np.expm1, (-1e-3, 1e-3), 2.5),
    (log1p, np.log1p, (1e-9, 1.0), 3.0),
    (tanh, np.tanh, (-10.0, 10.0), 5.0),
    (tanh, np.tanh, (-1e-3, 1e-3), 5.0),
    (normal_tail, below, (0.0, 3.0), 10.0),
    (normal_tail, below, (3.0, 8.0), 40.0),  # the rounding of x^2 / 2 shows more and more
]


@pytest.mark.parametrize(("function", "truth", "where", "units"), CASES)
def test_float32_has_nearly_all_of_its_digits(
    function: Callable[[Array], Array],
    truth: Callable[[Array], Array],
    where: tuple[float, float],
    units: float,
) -> None:
    x = np.linspace(*where, 200_001).astype(np.float32)
    found, expected = function(x), truth(x.astype(np.float64))
    assert found.dtype == np.float32
    off = np.abs(found - expected) / np.spacing(np.abs(expected).astype(np.float32))
    assert off.max() < units


@pytest.mark.parametrize(("function", "truth", "where", "units"), CASES)
def test_float64_is_that_of_the_library(
    function: Callable[[Array], Array],
    truth: Callable[[Array], Array],
    where: tuple[float, float],
    units: float,
) -> None:
    x = np.linspace(*where, 2001)
    np.testing.assert_allclose(function(x), truth(x), rtol=1e-13)


def test_the_ends_of_float32() -> None:
    x = np.array([np.nan, -np.inf, -200.0, 0.0, 200.0, np.inf], np.float32)
    largest = np.exp(88.37)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(exp(x), [np.nan, 0, 0, 1, largest, largest], rtol=1e-5)
        np.testing.assert_allclose(expm1(x), [np.nan, -1, -1, 0, largest, largest], rtol=1e-5)
        np.testing.assert_array_equal(tanh(x), [np.nan, -1, -1, 0, 1, 1])
