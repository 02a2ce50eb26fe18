from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sampler_conformance import SeededConformance, search
from spaces import BRANIN, MIXED, branin, space_of

from dlrun.search.samplers.base import Sampler
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed


class TestBayes(SeededConformance):
    sampler = Bayes()


def regret(sampler: Sampler, seed: int, trials: int = 24, batch: int = 1) -> float:
    space = space_of(BRANIN)
    history: list[Completed] = []
    while len(history) < trials:
        for each in sampler.suggest(space, history, [], batch, seed):
            history.append(Completed(len(history), each, branin(**each)))
    return min(each.value for each in history if each.value is not None) - 0.397887


def test_it_beats_random_search() -> None:
    ours = [regret(Bayes(), seed) for seed in range(5)]
    others = [regret(Random(), seed) for seed in range(5)]
    assert np.median(ours) < 0.02
    assert np.median(others) > 0.2
    assert np.mean(ours) < 0.5 * np.mean(others)


def noisy(sampler: Sampler, seed: int) -> tuple[float, int]:
    """Mean distance of the last ten trials from the best, and how many trials are in a corner."""
    space = space_of("space: {a: {uniform: [0, 1]}, b: {uniform: [0, 1]}, c: {uniform: [0, 1]}}")
    random = np.random.default_rng(seed)
    history: list[Completed] = []
    far = []
    for number in range(30):
        (each,) = sampler.suggest(space, history, [], 1, seed)
        off = np.array(list(each.values())) - [0.3, 0.6, 0.5]
        far.append(float(np.sqrt(off @ off)))
        history.append(Completed(number, each, off @ off + random.normal(0.0, 0.1)))
    ends = [sum(value in (0.0, 1.0) for value in each.suggestion.values()) for each in history]
    return float(np.mean(far[20:])), sum(count >= 2 for count in ends)


@pytest.mark.slow
def test_noise_as_large_as_the_valley_does_not_mislead_it() -> None:
    ours = [noisy(Bayes(), seed) for seed in range(3)]
    others = [noisy(Random(), seed) for seed in range(3)]
    assert np.mean([far for far, _ in ours]) < 0.6 * np.mean([far for far, _ in others])
    assert max(corners for _, corners in ours) <= 3


def test_the_unit_of_the_objective_makes_no_difference() -> None:
    space = space_of(BRANIN)
    history = search(Random(), space, 16)
    (wanted,) = Bayes().suggest(space, history, [], 1, 0)
    for scale, shift, tolerance in ((8.0, 0.0, 0.0), (1e3, -5.0, 1e-3)):
        other = [
            Completed(each.number, each.suggestion, scale * (each.value or 0.0) + shift)
            for each in history
        ]
        (found,) = Bayes().suggest(space, other, [], 1, 0)
        assert space.positions(found) == pytest.approx(space.positions(wanted), abs=tolerance)


def test_batches_find_it_too() -> None:
    assert np.median([regret(Bayes(), seed, 32, batch=4) for seed in range(3)]) < 0.1


def test_a_batch_spreads() -> None:
    space = space_of(BRANIN)
    history = [
        Completed(number, each, branin(**each))
        for number, each in enumerate(Random().suggest(space, [], [], 20, 0))
    ]
    batch = np.array([space.positions(each) for each in Bayes().suggest(space, history, [], 4, 0)])
    distances = np.linalg.norm(batch[:, None] - batch[None], axis=2)
    assert distances[np.triu_indices(4, 1)].min() > 0.02


def test_the_best_of_a_small_space_is_found_without_trying_it_all() -> None:
    space = space_of("space: {a: {integer: [0, 19]}, b: {integer: [0, 19]}, c: [x, y]}")

    def value(at: dict[str, object]) -> float:
        a, b = float(str(at["a"])), float(str(at["b"]))
        return (a - 13) ** 2 + (b - 4) ** 2 + 30 * (at["c"] == "x")

    history: list[Completed] = []
    for number in range(40):
        (each,) = Bayes().suggest(space, history, [], 1, 1)
        history.append(Completed(number, each, value(each)))
    assert min(each.value or 0.0 for each in history) == 0.0


def test_failures_are_kept_away_from() -> None:
    space = space_of("space: {x: {uniform: [0, 1]}, y: {uniform: [0, 1]}}")
    history: list[Completed] = []
    for number in range(30):
        (each,) = Bayes().suggest(space, history, [], 1, 2)
        value = None if each["x"] > 0.5 else (each["x"] - 0.4) ** 2 + each["y"] ** 2
        history.append(Completed(number, each, value))
    late = [each.value for each in history[12:]]
    assert late.count(None) <= 4
    assert min(each for each in late if each is not None) < 0.01


def test_earlier_studies_take_the_place_of_the_start() -> None:
    space = space_of(BRANIN)
    earlier = [
        Completed(number - 30, each, branin(**each))
        for number, each in enumerate(Random().suggest(space, [], [], 30, 0))
    ]
    best = min(each.value for each in earlier if each.value is not None)
    history: list[Completed] = []
    for number in range(6):
        (each,) = Bayes(trials=6).suggest(space, [*earlier, *history], [], 1, 1)
        history.append(Completed(number, each, branin(**each)))
    assert min(each.value for each in history if each.value is not None) < best
    assert Bayes(trials=6).suggest(space, [*earlier, *history], [], 1, 1) == []


def test_start_says_when_the_model_is_asked() -> None:
    space = space_of(BRANIN)
    few, many = (search(Bayes(start=start), space, 8) for start in (3, 8))
    assert [each.suggestion for each in few[:3]] == [each.suggestion for each in many[:3]]
    assert [each.suggestion for each in few[3:]] != [each.suggestion for each in many[3:]]


def test_hundreds_of_trials_are_no_hindrance() -> None:
    space = space_of(MIXED)
    history = search(Random(), space, 400)
    (new,) = Bayes().suggest(space, history, [], 1, 0)
    assert space.contains(new)


@pytest.mark.slow
def test_the_number_of_threads_changes_no_suggestion() -> None:
    program = (
        "from sampler_conformance import search\n"
        "from spaces import BRANIN, space_of\n"
        "from dlrun.search.samplers.bayes import Bayes\n"
        "from dlrun.search.samplers.random import Random\n"
        "space = space_of(BRANIN)\n"
        "print(Bayes().suggest(space, search(Random(), space, 150), [], 3, 0))\n"
    )
    found = set()
    for threads in ("1", "2", "5"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads}
        environment["PYTHONPATH"] = str(Path(__file__).parents[2] / "support")
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1


def test_a_space_without_real_numbers_needs_no_slope() -> None:
    space: Space = space_of("space: {a: {integer: [1, 100000]}, b: {integer: [1, 10]}}")
    assert len(search(Bayes(), space, 12)) == 12


@pytest.mark.parametrize(
    "text",
    ["space: {a: {fixed: 1}}", "space: {a: [3], b: {fixed: x}, c: {choice: [5], when: {a: 3}}}"],
)
def test_a_space_of_one_point_is_tried_once(text: str) -> None:
    space = space_of(text)
    (first,) = Bayes().suggest(space, [], [], 4, 0)
    for value in (1.0, None):
        assert Bayes(start=1).suggest(space, [Completed(0, first, value)], [], 4, 0) == []
