from __future__ import annotations

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.study.schedulers.contenders import contenders, front_contenders, leader

FIELD = {
    0: [0.10, 0.20, 0.15],
    1: [0.12, 0.19, 0.16],  # better with one seed
    2: [5.50, 5.61, 5.55],  # worse with all, by nearly the same
    3: [0.20, 0.90, 0.15],  # worse on the whole, and nobody knows by how much
}


def test_whoever_may_be_better_goes_on() -> None:
    assert leader(FIELD) == 0
    assert contenders([0, 1, 2, 3], FIELD, 1) == [0, 1, 3]
    assert contenders([1, 2], FIELD, 1) == [1]  # the others are of an earlier batch


def test_equal_differences_are_no_certainty() -> None:
    """One sample of 18 more, with both seeds: that happens by chance."""
    two = {0: [1 / 18, 2 / 18], 1: [2 / 18, 3 / 18]}
    assert contenders(two, two, 1, step=1 / 18) == [0, 1]
    assert contenders(two, two, 1) == [0, 1]


def test_equals_all_go_on() -> None:
    assert contenders([3, 4], {3: [1.0, 2.0], 4: [1.0, 2.0]}, 1) == [3, 4]
    assert leader({4: [1.0, 2.0], 3: [2.0, 1.0]}) == 3


def accuracies(random: np.random.Generator, samples: int, seeds: int) -> Array:
    """Shares of wrong answers of 8 trials; on most samples all are right or wrong together."""
    right = np.array([0.85, *[0.82] * 4, *[0.7] * 3])[:, None, None]
    shared = random.random((1, seeds, samples))
    own = random.random((8, seeds, samples))
    draws = np.where(random.random(own.shape) < 0.7, shared, own)
    return 1 - (draws < right).mean(axis=2)


def normal(random: np.random.Generator, seeds: int) -> Array:
    means = np.array([0.0, *[0.3] * 4, *[2.0] * 3])[:, None]
    return means + random.normal(size=(8, seeds)) + random.normal(size=(1, seeds))


def skewed(random: np.random.Generator, seeds: int) -> Array:
    means = np.array([1.0, *[1.1] * 4, *[2.0] * 3])[:, None]
    return means * np.exp(random.normal(0, 0.5, (8, seeds)) + random.normal(0, 0.5, (1, seeds)))


def run_race(scores: Array, step: float) -> list[int]:
    """The trials that are still there after all seeds, as the schedule goes by them."""
    trials, seeds = scores.shape
    alive = list(range(trials))
    for done in range(2, seeds):
        field = {number: scores[number, :done].tolist() for number in alive}
        alive = contenders(alive, field, seeds - 2, step)
    return alive


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize("kind", ["20", "100", "normal", "skewed"])
def test_the_best_is_kept(kind: str, seeds: int) -> None:
    random = np.random.default_rng(seeds)
    studies, lost, runs = 400, 0, 0
    for _ in range(studies):
        if kind.isdecimal():
            scores, step = accuracies(random, int(kind), seeds), 1 / int(kind)
        else:
            scores, step = {"normal": normal, "skewed": skewed}[kind](random, seeds), 0.0
        alive = run_race(scores, step)
        lost += 0 not in alive
        runs += len(alive)
    assert lost <= 0.05 * studies
    assert runs < 7.99 * studies  # and it is a race


def test_on_a_front_are_more_than_the_best() -> None:
    """Trial 2 is the worst in loss, and the cheapest; trial 3 is worse than 1 in both."""
    loss = [[0.10, 0.20, 0.15], [0.50, 0.61, 0.55], [5.0, 5.1, 5.05], [3.0, 3.1, 3.05]]
    cost = [9.0, 5.0, 1.0, 6.0]
    field = {number: [loss[number], [cost[number]] * 3] for number in range(4)}
    assert front_contenders([0, 1, 2, 3], field, 1, [0.0, 0.0]) == [0, 1, 2]
    assert front_contenders([3], field, 1, [0.0, 0.0]) == []
    near = {number: [[0.5, 0.7, 0.6], [cost[number]] * 3] for number in range(3)}
    near[3] = [[0.7, 0.5, 0.6], [9.0] * 3]
    assert front_contenders([0, 1, 2, 3], near, 1, [0.0, 0.0]) == [0, 1, 2, 3]


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5])
def test_the_front_is_kept(seeds: int) -> None:
    """No trial of the true front is lost in more than 5 % of races, however many it has."""
    random = np.random.default_rng(seeds)
    means = np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0], [1.2, 1.2], [9, 9], [9, 11], [11, 9]])
    studies, lost, runs = 300, 0, 0
    for _ in range(studies):
        shared = random.normal(size=(1, 2, seeds))
        scores = means[:, :, None] + random.normal(size=(7, 2, seeds)) + shared
        alive = list(range(7))
        for done in range(2, seeds):
            field = {number: scores[number, :, :done].tolist() for number in alive}
            alive = front_contenders(alive, field, seeds - 2, [0.0, 0.0])
        lost += not {0, 1, 2} <= set(alive)
        runs += len(alive)
    assert lost <= 0.05 * studies
    assert runs < 4.5 * studies
