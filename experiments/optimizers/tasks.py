"""The networks that the optimizers train, and their trainings by optimizer and learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from experiments.lab import Trained
from experiments.optimizers.speed import reached

NAMES = {
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
    "lion": "Lion",
    "muon": "Muon",
}

OPTIMIZERS = ("SGD", "momentum", "Nesterov", *NAMES.values())
"""All optimizers in the order of tables."""

DISTANCE = 0.03
"""How far below the best learning rate's score that of a usable one may be."""


@dataclass(frozen=True, slots=True)
class Task:
    """A network and its data.

    Attributes:
        sweep: name of its file without ``.yaml``.
        title: in tables and pictures.
        score: ``accuracy`` or ``r2``, the fraction of correct answers or explained variance.
        target: a score that is reached early in a good training.
        chance: the score without learning; a diverged training has it, and none has a lower one.
    """

    sweep: str
    title: str
    score: str
    target: float
    chance: float

    def final(self, run: Trained | None, part: str) -> float:
        """The score at the end of a training, on the part ``validation`` or ``test``."""
        scores = {} if run is None else run.scores
        return max(self.chance, scores.get(f"{part}.{self.score}", self.chance))

    def pace(self, run: Trained | None, limit: int) -> float:
        """Steps until the validation score is at the target; the limit if it never is."""
        if run is None or run.failed:
            return float(limit)
        curves = run.curves
        steps = reached(curves["step"], curves[f"validation.{self.score}"], self.target)
        return float(limit) if steps is None else steps


TASKS = (
    Task("mlp", "MLP", "accuracy", 0.94, 0.1),
    Task("cnn", "CNN", "accuracy", 0.93, 0.1),
    Task("lstm", "LSTM", "r2", 0.8, 0.0),
    Task("rnn", "simple RNN", "accuracy", 0.9, 0.1),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """An optimizer with a learning rate."""

    optimizer: str
    rate: float


class Trainings:
    """The trainings of a task with some seeds, by setting.

    Args:
        task: the task.
        trained: the trainings of a study.
        seeds: how many seeds each setting has; those after a divergence may be missing.
    """

    def __init__(self, task: Task, trained: Sequence[Trained], seeds: int) -> None:
        self.task = task
        self.runs: dict[Setting, list[Trained | None]] = {}
        for run in trained:
            row = self.runs.setdefault(setting(run.settings), [None] * seeds)
            row[run.seed] = None if run.failed else run
        self._limit = max(int(run.curves["step"][-1]) for run in trained if not run.failed)

    @property
    def optimizers(self) -> list[str]:
        """The optimizers that the task has, in the order of tables."""
        found = {each.optimizer for each in self.runs}
        return [name for name in OPTIMIZERS if name in found]

    def of(self, optimizer: str) -> list[Setting]:
        """An optimizer's settings by rate."""
        found = (each for each in self.runs if each.optimizer == optimizer)
        return sorted(found, key=lambda each: each.rate)

    def scores(self, which: Setting, part: str) -> list[float]:
        """The final score of each seed."""
        return [self.task.final(run, part) for run in self.runs[which]]

    def losses(self, which: Setting) -> list[float]:
        """The final validation loss of each seed; infinite if the training diverged."""
        runs = self.runs[which]
        return [float("inf") if run is None else run.scores["validation.loss"] for run in runs]

    def steps(self, which: Setting) -> list[float]:
        """Steps to the target of each seed."""
        return [self.task.pace(run, self._limit) for run in self.runs[which]]

    def missed(self, which: Setting) -> int:
        """How many trainings never reach the target."""
        return sum(steps >= self._limit for steps in self.steps(which))

    def best(self, optimizer: str) -> Setting:
        """The setting with the lowest mean validation loss."""
        return min(self.of(optimizer), key=lambda each: fmean(self.losses(each)))

    def fastest(self, optimizer: str) -> Setting:
        """The setting with the fewest steps to the target; of equal ones that of lower loss."""
        return min(
            self.of(optimizer),
            key=lambda each: (fmean(self.steps(each)), fmean(self.losses(each))),
        )

    def best_rates(self, optimizer: str) -> list[float]:
        """The rate with the lowest validation loss for each seed."""
        settings = self.of(optimizer)
        losses = zip(*map(self.losses, settings), strict=True)
        return [settings[row.index(min(row))].rate for row in map(list, losses)]

    def usable(self, optimizer: str) -> list[int]:
        """For each seed, how many rates have a score close to that of the best one."""
        rows = zip(*(self.scores(each, "validation") for each in self.of(optimizer)), strict=True)
        return [sum(score >= max(row) - DISTANCE for score in row) for row in rows]


def setting(values: Mapping[str, Any]) -> Setting:
    """The setting of a trial's values, whose rate is in the optimizer or in ``params.rate``."""
    kind, fields = next(iter(values["optimizer"].items()))
    rate = float(values.get("params.rate", fields["lr"]))
    if kind != "sgd":
        return Setting(NAMES[kind], rate)
    name = "Nesterov" if fields.get("nesterov") else "momentum" if "momentum" in fields else "SGD"
    return Setting(name, rate)


def optimizer_values(which: Setting) -> dict[str, dict[str, Any]]:
    """The optimizer in the notation of a spec, as the sweeps have it."""
    fields: dict[str, Any] = {"lr": which.rate}
    if which.optimizer in ("momentum", "Nesterov"):
        fields["momentum"] = 0.9
    if which.optimizer == "Nesterov":
        fields["nesterov"] = True
    if which.optimizer == "AdamW":
        fields["weight_decay"] = 0.1
    kinds = {name: kind for kind, name in NAMES.items()}
    return {kinds.get(which.optimizer, "sgd"): fields}
