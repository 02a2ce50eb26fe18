"""Train with each augmentation at several sizes of the training set, each with its own rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import yaml

from experiments.lab import Lab, Trained
from experiments.own_rate import SEED, with_new_seeds

CHOOSING = 2
"""Trainings of each rate to choose from."""

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """A size of the training set.

    Attributes:
        samples: for training.
        choosing: ``params`` of the trainings that choose a rate, with a validation set.
        final: ``params`` of the trainings that are compared, without one.
    """

    samples: int
    choosing: Params
    final: Params


def of_pool(pool: int, epochs: Mapping[int, int]) -> list[Size]:
    """Sizes for which the other samples of a pool test; to choose, a fifth of it validates.

    Args:
        pool: all samples.
        epochs: of the trainings by their samples.
    """
    found = []
    for samples, count in epochs.items():
        test = round(1 - samples / pool, 3)
        choosing = {"test": round(test - 0.2, 3), "validation": 0.2, "epochs": count}
        found.append(Size(samples, choosing, {**choosing, "test": test, "validation": 0.0}))
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Trainings by side, such as an augmentation, and by samples for training.

    Attributes:
        rates: the learning rate of each side.
        runs: trainings of each side and size, by seed.
    """

    rates: Mapping[str, float]
    runs: Mapping[tuple[str, int], Sequence[Trained]]

    def scores(self, side: str, samples: int, name: str = "test.accuracy") -> list[float]:
        """Final scores by seed; a training that failed counts as 0."""
        return [0.0 if run.failed else run.scores[name] for run in self.runs[side, samples]]

    def gains(self, side: str, base: str, samples: int) -> list[float]:
        """How much more accurate a side is than another one, by seed."""
        pairs = zip(self.scores(side, samples), self.scores(base, samples), strict=True)
        return [one - other for one, other in pairs]


def augmentations(lab: Lab, sweep: str) -> list[Any]:
    """The lists of augmentations of a sweep, in its order."""
    found = yaml.safe_load((lab.folder / sweep).read_text(encoding="utf-8"))
    return list(found["space"]["params.augment"])


def compare(
    lab: Lab,
    sweep: str,
    sides: Mapping[str, Params],
    sizes: Sequence[Size],
    fixed: Params | None = None,
) -> Comparison:
    """Choose a rate of the sweep for each side, then train with seeds that are new.

    A side's rate is the one with the highest mean validation accuracy at the middle size.

    Args:
        lab: where to train.
        sweep: file of a sweep, whose ``params.rate`` lists the rates.
        sides: what is compared, as ``params``.
        sizes: of the training set.
        fixed: further ``params``.
    """
    given = yaml.safe_load((lab.folder / sweep).read_text(encoding="utf-8"))
    common = {**given["spec"]["params"], **(fixed or {})}
    changed = {**given, "spec": {**given["spec"], "params": common}}
    rates = lab.pick(given["space"]["params.rate"], given["space"]["params.rate"][-1:])
    if lab.quick:
        sizes = [_short(size) for size in sizes]

    def trained(
        name: str, cells: Sequence[Params], seeds: Sequence[int], **more: Any
    ) -> list[list[Trained]]:
        overrides = {"name": f"{given['name']}-{name}", "claims": [], **more}
        cases = [{**common, **cell} for cell in cells]
        return with_new_seeds(lab, changed, "params", cases, seeds=seeds, overrides=overrides)

    choosing = [
        {**side, **sizes[len(sizes) // 2].choosing, "rate": rate}
        for side in sides.values()
        for rate in rates
    ]
    runs = trained("choice", choosing, range(SEED, SEED + CHOOSING))
    means = [fmean(map(_accuracy, each)) for each in runs]
    chosen = {
        name: best_rate(rates, means[number * len(rates) : (number + 1) * len(rates)])
        for number, name in enumerate(sides)
    }
    cells = [
        (name, size.samples, {**side, **size.final, "rate": chosen[name]})
        for name, side in sides.items()
        for size in sizes
    ]
    seeds = lab.pick(range(10), range(SEED, SEED + 2))
    goal = {"minimize": "train.loss"}  # there is no validation set
    final = trained("final", [cell for _, _, cell in cells], seeds, objective=goal)
    grouped = {(name, samples): each for (name, samples, _), each in zip(cells, final, strict=True)}
    return Comparison(chosen, grouped)


def best_rate(rates: Sequence[float], accuracies: Sequence[float]) -> float:
    """The most accurate rate, of equal ones the lowest."""
    return min(zip(rates, accuracies, strict=True), key=lambda each: (-each[1], each[0]))[0]


def _accuracy(run: Trained) -> float:
    return 0.0 if run.failed else run.scores["validation.accuracy"]


def _short(size: Size) -> Size:
    return Size(size.samples, {**size.choosing, "epochs": 1}, {**size.final, "epochs": 1})
