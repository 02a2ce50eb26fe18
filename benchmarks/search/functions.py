"""Objectives whose best value is known: published test functions, and a table of trainings."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlrun import catalog
from dlrun.search.space import Space
from dlrun.search.suggestion import identity
from dlrun.spec.nodes import Mapping as Node
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Objective:
    """What is searched.

    Attributes:
        name: what tables call it.
        space: of its arguments.
        regret: of a suggestion: its value less the least there is; None where it fails.
        noise: standard deviation of what a trial adds to the value.
    """

    name: str
    space: Space
    regret: Callable[[Mapping[str, Any]], float | None]
    noise: float = 0.0


def space_of(text: str) -> Space:
    """The space that a text in YAML describes."""
    catalog.load()
    problems = Problems()
    root = parse(text, "space.yaml", problems)
    assert isinstance(root, Node)
    space = Space.read(root.entries["space"].value, None, problems)
    problems.raise_if_any()
    assert space is not None
    return space


def objectives() -> list[Objective]:
    """All of them."""
    plane = space_of("space: {x: {uniform: [-5, 10]}, y: {uniform: [0, 15]}}")
    cube = space_of(f"space: {{{', '.join(f'x{i}: {{uniform: [0, 1]}}' for i in range(6))}}}")
    return [
        Objective("branin", plane, _branin),
        Objective("branin, noise 2", plane, _branin, noise=2.0),
        Objective("hartmann6", cube, _hartmann),
        Objective("mixed", space_of(_MIXED), _mixed),
        _trainings(),
    ]


def _branin(at: Mapping[str, Any]) -> float:
    """Dixon & Szego, "The global optimization problem", 1978; three minima of one value."""
    x, y = at["x"], at["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 - 0.397887


_STEEP = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_DEEP = np.array([1.0, 1.2, 3.0, 3.2])
_CENTRES = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def _hartmann(at: Mapping[str, Any]) -> float:
    """Hartman, "Some experiments in global optimization", 1973: four wells in six dimensions."""
    x = np.array([at[f"x{number}"] for number in range(6)])
    return float(3.32237 - _DEEP @ np.exp(-(_STEEP * (x - _CENTRES) ** 2).sum(axis=1)))


_MIXED = """
space:
  kind: [a, b, c]
  depth: {integer: [1, 8]}
  width: {integer: [4, 256], log: true}
  lr: {log_uniform: [1e-5, 1]}
  momentum: {uniform: [0, 1], when: {kind: a}}
  beta: {uniform: [0, 1], when: {kind: [b, c]}}
"""


def _mixed(at: Mapping[str, Any]) -> float:
    """A bowl in each kind, with another rate that suits it; that of kind a is the deepest."""
    floor, rate = {"a": (0.0, -1.5), "b": (0.15, -2.8), "c": (0.6, -2.5)}[at["kind"]]
    own = at["momentum"] - 0.85 if at["kind"] == "a" else at["beta"] - 0.3
    depth, width = at["depth"] - 4, math.log2(at["width"] / 90)
    bowl = 0.08 * (math.log10(at["lr"]) - rate) ** 2 + 0.8 * own**2
    return float(floor + bowl + 0.0125 * depth**2 + 0.0375 * width**2)


def _trainings() -> Objective:
    """A table of trainings on scikit-learn's digits; see make_table.py."""
    with (FOLDER / "digits-mlp.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    values = {
        identity(json.loads(row["configuration"])): float(row["loss"]) if row["loss"] else None
        for row in rows
    }
    least = min(value for value in values.values() if value is not None)

    def regret(at: Mapping[str, Any]) -> float | None:
        value = values[identity(at)]
        return None if value is None else value - least

    return Objective("digits trainings", space_of((FOLDER / "space.yaml").read_text()), regret)
