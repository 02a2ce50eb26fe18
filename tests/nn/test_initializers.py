"""Initializers: mean, variance and bounds, by statistics; determinism."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.he import HeNormal, HeUniform
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.xavier import XavierNormal, XavierUniform
from dlrun.nn.initializers.zeros import Zeros
from dlrun.rng import Stream, generator

FAN_IN, FAN_OUT = 300, 200
SHAPE = (FAN_IN, FAN_OUT)

# The rule, its mean, its standard deviation, and its bound.
CASES: list[tuple[Initializer, float, float, float]] = [
    (Zeros(), 0.0, 0.0, 0.0),
    (Ones(), 1.0, 0.0, 1.0),
    (Normal(), 0.0, 0.05, math.inf),
    (Normal(std=2.0, mean=3.0), 3.0, 2.0, math.inf),
    (XavierNormal(), 0.0, math.sqrt(2 / 500), math.inf),
    (XavierUniform(), 0.0, math.sqrt(2 / 500), math.sqrt(6 / 500)),
    (XavierUniform(gain=2.0), 0.0, 2 * math.sqrt(2 / 500), 2 * math.sqrt(6 / 500)),
    (HeNormal(), 0.0, math.sqrt(2 / 300), math.inf),
    (HeUniform(), 0.0, math.sqrt(2 / 300), math.sqrt(6 / 300)),
    (HeNormal(gain=1.0), 0.0, math.sqrt(1 / 300), math.inf),
]
every_case = pytest.mark.parametrize(
    ("rule", "mean", "std", "bound"), CASES, ids=[f"{c[0].kind}-{n}" for n, c in enumerate(CASES)]
)


def sample(rule: Initializer, number: int = 0) -> np.ndarray:
    return rule.sample(generator(11, Stream.INIT, number), SHAPE, FAN_IN, FAN_OUT)


def test_every_initializer_of_the_catalog_has_a_row() -> None:
    from dlrun import catalog

    assert {case[0].kind for case in CASES} == set(catalog.Initializer.family)


@every_case
def test_mean_deviation_and_bounds(
    rule: Initializer, mean: float, std: float, bound: float
) -> None:
    values = sample(rule)
    n = values.size
    # Five standard errors: a right rule fails once in a million seeds, and the seed is fixed.
    assert values.mean() == pytest.approx(mean, abs=5 * std / math.sqrt(n))
    assert values.std() == pytest.approx(std, rel=5 / math.sqrt(n), abs=0)
    assert np.abs(values).max() <= bound
    if math.isfinite(bound):
        assert np.abs(values).max() == pytest.approx(bound, rel=1e-3)


@every_case
def test_values_depend_on_the_stream_alone(
    rule: Initializer, mean: float, std: float, bound: float
) -> None:
    np.testing.assert_array_equal(sample(rule), sample(rule))
    assert (std == 0) == np.array_equal(sample(rule), sample(rule, 1))


@pytest.mark.parametrize("name", ["xavier_normal", "xavier_uniform", "he_normal", "he_uniform"])
def test_the_other_names_of_the_same_rules_are_known(name: str) -> None:
    other = name.replace("xavier", "glorot").replace("he_", "kaiming_")
    assert Initializer.family[other] is Initializer.family[name]
