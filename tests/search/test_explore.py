"""Settings near others: always in the space, and decided by the random numbers alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from spaces import space_of

from dlrun.search.explore import explored
from dlrun.search.suggestion import Suggestion

SPACE = """
space:
  kind: [a, b]
  lr: {log_uniform: [1e-4, 1e-1]}
  decay: {uniform: [0.0, 0.5]}
  layers: {integer: [1, 4]}
  width: {integer: {ends: [8, 512], log: true}}
  size: [64, 8, 16]
  same: {fixed: 3}
  only_b: {uniform: {ends: [0.0, 1.0], when: {kind: b}}}
constraints: [layers * size <= 200]
"""
START: Suggestion = {
    "kind": "a",
    "lr": 0.01,
    "decay": 0.2,
    "layers": 2,
    "width": 64,
    "size": 16,
    "same": 3,
}


def test_all_settings_are_in_the_space_and_follow_from_the_random_numbers() -> None:
    space = space_of(SPACE)
    settings, random = START, np.random.default_rng(1)
    kinds = Counter[str]()
    for seed in range(300):
        again = [
            explored(space, settings, 0.1, 0.25, np.random.default_rng(seed)) for _ in range(2)
        ]
        assert again[0] == again[1]
        assert space.contains(again[0])
        settings = explored(space, settings, 0.1, 0.25, random)
        kinds[settings["kind"]] += 1
        assert ("only_b" in settings) == (settings["kind"] == "b")
    assert min(kinds.values()) > 50


def test_without_resampling_every_setting_moves_one_step() -> None:
    space = space_of(SPACE)
    seen: dict[str, set[float]] = {key: set() for key in START}
    for seed in range(40):
        found = explored(space, START, 0.1, 0.0, np.random.default_rng(seed))
        for key, value in found.items():
            seen[key].add(value)
    factor = (1e-1 / 1e-4) ** 0.1
    assert sorted(seen["lr"]) == pytest.approx([0.01 / factor, 0.01 * factor], rel=1e-5)
    assert sorted(seen["decay"]) == pytest.approx([0.15, 0.25])
    assert seen["layers"] == {1, 3}
    assert seen["size"] == {8, 64}
    low, high = sorted(seen["width"])
    ends = np.log([7.5, 512.5])
    assert np.log([64 / low, high / 64]) == pytest.approx(0.1 * (ends[1] - ends[0]), rel=0.03)
    assert seen["same"] == {3}
    assert seen["kind"] == {"a"}  # words have no neighbors


def test_with_resampling_alone_values_come_from_the_whole_range() -> None:
    space = space_of(SPACE)
    values = [
        explored(space, START, 0.1, 1.0, np.random.default_rng(seed))["lr"] for seed in range(400)
    ]
    decades = np.histogram(np.log10(values), bins=3, range=(-4, -1))[0]
    assert min(decades) > 100


def test_settings_stay_if_no_others_satisfy_the_constraints() -> None:
    space = space_of("space: {a: {integer: [1, 9]}, b: [5, 6]}\nconstraints: [a * b == 25]\n")
    start: Suggestion = {"a": 5, "b": 5}
    assert explored(space, start, 0.1, 0.0, np.random.default_rng(0)) == start


@pytest.mark.parametrize(
    ("dimension", "value", "step", "expected"),
    [
        ("{uniform: [0.0, 1.0]}", 0.95, 0.1, 1.0),
        ("{uniform: [0.0, 1.0]}", 1.0, 0.1, 0.9),
        ("{uniform: [0.0, 1.0]}", 0.0, -0.1, 0.1),
        ("{log_uniform: [0.01, 1.0]}", 0.1, 0.5, 1.0),
        ("{integer: [1, 3]}", 3, 0.1, 2),
        ("{integer: [1, 3]}", 1, -0.1, 2),
        ("{integer: [0, 100]}", 50, 0.1, 60),
        ("[3, 1, 2]", 2, 0.1, 3),
        ("[3, 1, 2]", 3, 0.1, 2),
        ("[3, 1, 2]", 1, -0.1, 2),
        ("[x, y]", "x", 0.1, "x"),
        ("[7]", 7, 0.1, 7),
        ("{fixed: x}", "x", 0.1, "x"),
    ],
)
def test_one_step(dimension: str, value: object, step: float, expected: object) -> None:
    space = space_of(f"space: {{a: {dimension}}}")
    assert space.dimensions["a"].moved(value, step) == expected
