from __future__ import annotations

import numpy as np
from sampler_conformance import SeededConformance
from scipy.stats import qmc
from spaces import BRANIN, space_of

from dlrun.search.samplers.sobol import Sobol


class TestSobol(SeededConformance):
    sampler = Sobol()


def test_points_are_more_even_than_random_ones() -> None:
    space = space_of(BRANIN)
    found = Sobol().suggest(space, [], [], 128, 3)
    points = np.array([space.positions(each) for each in found])
    assert qmc.discrepancy(points) < 0.2 * qmc.discrepancy(
        np.random.default_rng(0).random((128, 2))
    )


def test_every_part_of_a_power_of_two_gets_its_point() -> None:
    space = space_of("space: {x: {uniform: [0, 1]}}")
    found = Sobol().suggest(space, [], [], 256, 0)
    assert sorted(int(each["x"] * 256) for each in found) == list(range(256))
