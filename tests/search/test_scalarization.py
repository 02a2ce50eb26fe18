from __future__ import annotations

import numpy as np
import pytest
from spaces import space_of

from dlrun.search.pareto import fronts
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.search.scalarization import scalarized, weights
from dlrun.search.suggestion import Completed, Suggestion


def test_weights_are_shares_that_follow_from_seed_and_number() -> None:
    found = np.array([weights(1, number, 3) for number in range(400)])
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_allclose(found.mean(axis=0), 1 / 3, atol=0.03)
    assert np.array_equal(weights(1, 7, 3), found[7])
    assert not np.array_equal(weights(2, 7, 3), found[7])


def test_each_point_of_a_front_is_best_for_some_weights() -> None:
    # The middle one lies in a dent of the front, where no weighted sum would find it.
    points = [[0.0, 1.0], [0.55, 0.55], [1.0, 0.0], [2.0, 2.0]]
    best = {
        int(np.argmin(np.array(scalarized(points, weights(0, number, 2)), float)))
        for number in range(50)
    }
    assert best == {0, 1, 2}


def test_failures_have_no_value_and_equal_points_do_no_harm() -> None:
    assert scalarized([None, None], np.array([0.5, 0.5])) == [None, None]
    found = scalarized([[1.0, 2.0], None, [1.0, 2.0]], np.array([0.5, 0.5]))
    assert found == [0.0, None, 0.0]


def test_the_size_of_an_objective_does_not_matter() -> None:
    points = [[3.0, 1e6], [1.0, 5e6], [2.0, 1e9], [9.0, 2e6]]
    shares = np.array([0.3, 0.7])
    small = [[a, b / 1e6] for a, b in points]
    expected = np.array(scalarized(small, shares), float)
    np.testing.assert_allclose(np.array(scalarized(points, shares), float), expected)


def volume(points: list[tuple[float, float]]) -> float:
    """What a front dominates of the square up to (1.1, 1.1), the hypervolume."""
    found, height = 0.0, 1.1
    for x, y in sorted(points):
        if x < 1.1 and y < height:
            found += (1.1 - x) * (height - y)
            height = y
    return found


def schaffer(suggestion: Suggestion) -> tuple[float, float]:
    """Two valleys 1 apart in x, and a key that is bad for both."""
    x, rest = suggestion["x"], abs(suggestion["y"])
    return (x**2 + rest) / 4, ((x - 1) ** 2 + rest) / 4


@pytest.mark.slow
def test_fronts_are_better_than_those_of_random_search() -> None:
    space = space_of("space: {x: {uniform: [-4, 4]}, y: {uniform: [-3, 3]}}")
    volumes: dict[str, list[float]] = {"bayes": [], "random": []}
    for seed in range(3):
        for name, sampler in (("bayes", Bayes()), ("random", Random())):
            tried: list[Suggestion] = []
            for number in range(24):
                values = scalarized([schaffer(each) for each in tried], weights(seed, number, 2))
                past = [
                    Completed(n, e, v) for n, (e, v) in enumerate(zip(tried, values, strict=True))
                ]
                tried += sampler.suggest(space, past, [], 1, seed)
            points = dict(enumerate(map(schaffer, tried)))
            front = [points[number] for number, place in fronts(points).items() if place == 1]
            volumes[name].append(volume(front))
    assert min(volumes["bayes"]) > max(volumes["random"])
