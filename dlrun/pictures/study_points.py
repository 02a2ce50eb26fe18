"""The values of a study that its pictures show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dlrun import intervals
from dlrun.pictures.palette import COLORS
from dlrun.search.pareto import fronts
from dlrun.spec.flow import setting

Scale = Literal["linear", "log", "category"]

BEST, PLAIN, FAINT = COLORS[1], COLORS[0], "0.6"

STATUSES = (
    ("completed", PLAIN, "o"),
    ("eliminated", PLAIN, "2"),
    ("pruned", FAINT, "v"),
    ("infeasible", FAINT, "s"),
)
"""Colour and marker of trials that have a score, by status."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A key of the space.

    Attributes:
        key: as in the sweep.
        scale: of its values.
        choices: the values of a category, in order; otherwise empty.
    """

    key: str
    scale: Scale
    choices: tuple[Any, ...] = ()

    def place(self, value: Any) -> float:
        """The value as a number; for a category, its position in the list."""
        return float(self.choices.index(value)) if self.scale == "category" else float(value)

    def labels(self) -> list[str]:
        """The choices as text."""
        return [setting(each) for each in self.choices]


@dataclass(frozen=True, slots=True)
class Point:
    """A trial.

    Attributes:
        number: counted from 0.
        status: completed, eliminated, pruned or failed.
        values: its score, or one per objective; empty if it failed.
        settings: values by key, without keys that the trial does not use.
        cost: multiply-adds of its training.
        curves: the score by epoch of each of its runs, which differ in their seed.
        intervals: the ends of the 95 % interval of each value; None if there is none.
        uncertain: whether its seeds do not decide if it is on the Pareto front.
    """

    number: int
    status: str
    values: tuple[float, ...]
    settings: Mapping[str, Any]
    cost: float
    curves: tuple[Sequence[float], ...] = ()
    intervals: tuple[tuple[float, float] | None, ...] = ()
    uncertain: bool = False

    @property
    def value(self) -> float | None:
        """The value of the first objective; None if the trial failed."""
        return self.values[0] if self.values else None

    @property
    def mean_curve(self) -> list[float]:
        """The mean over the seeds at each epoch that all of them have; NaN is a gap."""
        means = [sum(values) / len(values) for values in zip(*self.curves, strict=False)]
        return [value if math.isfinite(value) else math.nan for value in means]

    def interval(self, objective: int) -> tuple[float, float] | None:
        """The interval of an objective's value."""
        return self.intervals[objective] if self.intervals else None


@dataclass(frozen=True, slots=True)
class StudyPoints:
    """A study.

    Attributes:
        name: of the study.
        scores: its objectives, such as ``validation.accuracy``.
        signs: of each objective: 1 if lower is better, -1 if higher is better.
        axes: keys of the search space with more than one value.
        points: all trials that have ended, in order.
        repeats: runs of each trial, with different seeds.
        bounds: the known properties of the first objective.
        volumes: with several objectives, the hypervolume of the trials up to each completed one, by
            its number.
        reference: its reference point.
    """

    name: str
    scores: tuple[str, ...]
    signs: tuple[float, ...]
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    repeats: int = 1
    bounds: intervals.Scale = intervals.UNKNOWN
    volumes: Mapping[int, float] = field(default_factory=dict)
    reference: tuple[float, ...] = ()

    @property
    def which(self) -> str:
        """Name and size, for titles."""
        runs = f" of {self.repeats} seeds" if self.repeats > 1 else ""
        trials = "trial" if len(self.points) == 1 else "trials"
        return f"{self.name} · {len(self.points)} {trials}{runs}"

    @property
    def corner(self) -> str:
        """The reference point of the hypervolume, for legends."""
        pairs = zip(self.scores, self.reference, strict=True)
        return ", ".join(f"{score} {value:.4g}" for score, value in pairs)

    def on_front(self) -> list[Point]:
        """The completed trials that no other one dominates."""
        done = {point.number: point for point, _ in self.scored if point.status == "completed"}
        front = fronts({number: self._signed(point) for number, point in done.items()})
        return [point for number, point in done.items() if front[number] == 1]

    def _signed(self, point: Point) -> list[float]:
        return [sign * value for sign, value in zip(self.signs, point.values, strict=True)]

    @property
    def marked(self) -> list[Point]:
        """The trials to mark: the best one; with several objectives, the Pareto front."""
        if len(self.scores) > 1:
            return self.on_front()
        return [] if self.best is None else [self.best]

    @property
    def marked_name(self) -> str:
        """What the marked trials are, for legends."""
        if len(self.scores) > 1:
            return "Pareto front"
        return "" if self.best is None else f"best: trial {self.best.number}"

    @property
    def best_so_far(self) -> str:
        """The name of a line that follows the best value of the first objective."""
        return f"best {self.score} so far" if len(self.scores) > 1 else "best so far"

    @property
    def kinds(self) -> int:
        """How many statuses the scored trials that are not marked have."""
        marked = {point.number for point in self.marked}
        return len({point.status for point, _ in self.scored if point.number not in marked})

    def better(self, objective: int = 0) -> str:
        """The direction of an objective, for axes."""
        return "lower is better" if self.signs[objective] > 0 else "higher is better"

    @property
    def score(self) -> str:
        """The first objective."""
        return self.scores[0]

    @property
    def sign(self) -> float:
        """The sign of the first objective."""
        return self.signs[0]

    @property
    def scored(self) -> list[tuple[Point, float]]:
        """The trials that have a value, with that value."""
        return [(point, point.value) for point in self.points if point.value is not None]

    @property
    def best(self) -> Point | None:
        """The best of the completed trials; the best pruned one if none is completed."""
        return min(
            (point for point, _ in self.scored),
            key=lambda point: (point.status != "completed", self.sign * (point.value or 0.0)),
            default=None,
        )

    def is_wide(self) -> bool:
        """Whether the values need a logarithmic axis."""
        return self.spans_decades(0)

    def spans_decades(self, objective: int) -> bool:
        """Whether the values of an objective need a logarithmic axis."""
        values = [point.values[objective] for point, _ in self.scored]
        return bool(values) and min(values) > 0 and max(values) >= 100 * min(values)

    def is_whole(self, axis: Axis) -> bool:
        """Whether all values of a key are whole numbers."""
        values = [p.settings[axis.key] for p in self.points if axis.key in p.settings]
        return bool(values) and all(isinstance(value, int) for value in values)

    def extent(self, objective: int) -> list[float]:
        """All values of an objective, and the positive ends of their intervals."""
        ends = [point.interval(objective) for point, _ in self.scored]
        return [
            *(point.values[objective] for point, _ in self.scored),
            *(end for pair in ends if pair is not None for end in pair if end > 0),
        ]


def seeds(points: Sequence[Point]) -> str:
    """What the value of each of these trials is, for legends."""
    counts = {max(1, len(point.curves)) for point in points}
    if counts <= {1}:
        return "one seed"
    few, many = min(counts), max(counts)
    text = f"mean of {many} seeds" if few == many else f"mean of {few} to {many} seeds"
    known = any(ends is not None for point in points for ends in point.intervals)
    return f"{text}, 95 % interval" if known else text
