"""The steps of a recipe: each with the learning rate that suits it, trained with new seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.lab import Lab, Trained
from experiments.own_rate import SEED, Side, best_rates, with_new_seeds

RECIPE = "params.recipe"
"""Key of a step's settings."""
Recipe = Mapping[str, Any]

FIRST, START, BEFORE, FULL = (
    "plain SGD",
    "+ initialization",
    "+ dropout and weight decay",
    "+ early stopping",
)
"""The step without any ingredient, with one, with all but the last one, and with all."""
STOPPING = "without early stopping"
UNTUNED = "without its own rate"
DEFAULT = 0.001
"""Adam's default learning rate (Kingma & Ba, ICLR 2015), which the untuned recipe has."""


@dataclass(frozen=True, slots=True)
class Task:
    """Data that the recipe is trained on.

    Attributes:
        name: of its spec, without its ending, and of its studies.
        title: for people, such as in legends.
        target: validation accuracy whose first epoch is counted.
        guessing: accuracy of the most frequent class, which a diverged training counts as.
        tested: samples of the test set.
    """

    name: str
    title: str
    target: float
    guessing: float
    tested: int


DIGITS = Task("digits", "digits", 0.85, 0.1, 1437)
TABLE = Task("table", "tumours", 0.95, 0.63, 284)
SPIRALS = Task("spirals", "spirals", 0.85, 1 / 3, 540)
TASKS = (DIGITS, TABLE, SPIRALS)


def recipes_with_rates(trained: Sequence[Trained]) -> dict[str, tuple[Recipe, float]]:
    """The recipe of each step, and the rate of its highest mean validation accuracy.

    Of equal ones the lowest mean validation loss decides, then the lowest rate.  A training that
    failed, such as by divergence, makes its rate the last choice.
    """
    chosen = best_rates(
        trained,
        "params.rate",
        lambda run: (-run.scores["validation.accuracy"], run.scores["validation.loss"]),
        failed=(0.0, math.inf),
    )
    return {rest[RECIPE]["step"]: (rest[RECIPE], rate) for rest, rate in chosen}


def train_steps(lab: Lab, task: Task, overrides: Mapping[str, Any]) -> dict[str, Side]:
    """Choose the rate of each step on the validation set, then train it with new seeds.

    Args:
        lab: where to train.
        task: the data.
        overrides: of the sweep.
    """
    common = {"spec": f"{task.name}.yaml", **overrides}
    first = {**common, "name": f"{task.name}-choice", "spec.seed": SEED}
    chosen = recipes_with_rates(lab.trained(lab.tune("steps.yaml", first)))
    chosen[UNTUNED] = ({**chosen[FULL][0], "step": UNTUNED}, DEFAULT)
    second = {key: value for key, value in common.items() if not key.startswith("space.")}
    runs = with_new_seeds(
        lab,
        "steps.yaml",
        RECIPE,
        [with_rate(recipe, rate) for recipe, rate in chosen.values()],
        seeds=lab.seeds,
        overrides={**second, "name": task.name},
    )
    return {
        name: Side({RECIPE: recipe}, rate, each)
        for (name, (recipe, rate)), each in zip(chosen.items(), runs, strict=True)
    }


def with_rate(recipe: Recipe, rate: float) -> dict[str, Any]:
    """A recipe whose optimizer has this rate."""
    ((name, fields),) = recipe["optimizer"].items()
    return {**recipe, "optimizer": {name: {**fields, "lr": rate}}}
