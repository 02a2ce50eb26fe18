"""Comparisons in which every side has the learning rate that suits it best."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.lab import Lab, Trained

SEED = 1000
"""First seed of the trainings that only choose the rate."""

Settings = dict[str, Any]
Cost = tuple[float, ...]
"""Lower is better; the second number decides between equal first ones."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Attributes:
        settings: its values by key of the spec, without the rate.
        rate: its learning rate.
        runs: its trainings at this rate, by seed.
    """

    settings: Mapping[str, Any]
    rate: float
    runs: Sequence[Trained]

    def scores(self, name: str, guessing: float) -> list[float]:
        """A final score by seed; that of guessing if the training diverged."""
        return [guessing if run.failed else run.scores[name] for run in self.runs]


def best_rates(
    trained: Sequence[Trained],
    key: str,
    cost: Callable[[Trained], Cost],
    failed: Cost = (math.inf,),
) -> list[tuple[Settings, float]]:
    """The rate with the lowest mean cost for each combination of the other settings.

    Of equal rates the lowest is chosen.

    Args:
        trained: the trainings of a grid; those that differ only in ``seed`` are averaged.
        key: the setting that is the learning rate.
        cost: of a training that did not fail.
        failed: cost of one that did, such as by divergence.
    """
    others: dict[str, Settings] = {}
    costs: dict[str, dict[float, list[Cost]]] = {}
    for each in trained:
        rest = {name: value for name, value in each.settings.items() if name not in (key, "seed")}
        side = json.dumps(rest, sort_keys=True)
        others.setdefault(side, rest)
        rates = costs.setdefault(side, {})
        value = failed if each.failed else cost(each)
        rates.setdefault(float(each.settings[key]), []).append(value)
    return [
        (others[side], min(sorted(rates), key=lambda rate: _mean(rates[rate])))
        for side, rates in costs.items()
    ]


def _mean(costs: Sequence[Cost]) -> Cost:
    return tuple(math.fsum(column) / len(column) for column in zip(*costs, strict=True))


def with_new_seeds(
    lab: Lab,
    sweep: str | Mapping[str, Any],
    key: str,
    cases: Sequence[Settings],
    *,
    seeds: Sequence[int],
    overrides: Mapping[str, Any],
) -> list[list[Trained]]:
    """Train each case with each seed; the trainings by case and seed.

    Args:
        lab: where to train.
        sweep: the file, or its content.
        key: of the cases, such as ``params``.
        cases: its values.
        seeds: in ascending order.
        overrides: of the sweep, whose space is replaced.
    """
    # Seeds are trials of their own, because repeats of a trial end with the first that fails.
    space = {key: list(cases), "seed": list(seeds)}
    trained = lab.trained(lab.tune(sweep, {**overrides, "repeats": 1, "space": space}))
    ordered = sorted(trained, key=lambda run: int(run.settings["seed"]))
    return [[run for run in ordered if run.settings[key] == case] for case in cases]


def with_own_rates(
    lab: Lab,
    sweep: str,
    key: str,
    cost: Callable[[Trained], Cost],
    *,
    params: Mapping[str, Any],
    seeds: Sequence[int],
    choice: Mapping[str, Any],
    new: Mapping[str, Any],
) -> list[Side]:
    """Choose the rate of each side on the validation set, then train with seeds that are new.

    Args:
        lab: where to train.
        sweep: file of a grid, whose keys are all below ``params``.
        key: of the rate.
        cost: of a training, see ``best_rates``.
        params: all ``params`` of its spec, which a setting without a key keeps.
        seeds: of the trainings of each side at its rate, in ascending order.
        choice: overrides of the sweep that chooses.
        new: overrides of the sweep with new seeds, such as its name.
    """
    first = lab.tune(sweep, {"spec.seed": SEED, **choice})
    chosen = best_rates(lab.trained(first), key, cost)
    cases = [{**params, **_bare(rest), **_bare({key: rate})} for rest, rate in chosen]
    runs = with_new_seeds(lab, sweep, "params", cases, seeds=seeds, overrides=new)
    return [Side(rest, rate, each) for (rest, rate), each in zip(chosen, runs, strict=True)]


def _bare(settings: Mapping[str, Any]) -> Settings:
    return {key.removeprefix("params."): value for key, value in settings.items()}
