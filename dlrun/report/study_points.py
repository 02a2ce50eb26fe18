"""What the pictures of a study are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dlrun.spec.nodes import show

Scale = Literal["linear", "log", "category"]

BEST = "#D55E00"
PLAIN = "#0072B2"
FAINT = "0.72"
"""Vermillion and blue of Okabe & Ito's palette ("Color universal design", 2008), and a gray."""

STATUSES = (("completed", PLAIN, "o"), ("eliminated", PLAIN, "2"), ("pruned", FAINT, "v"))
"""How trials that have a value are drawn: by colour and marker."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A key of the space.

    Attributes:
        key: as the sweep writes it.
        scale: of its values.
        choices: the values of a category, in order; else empty.
    """

    key: str
    scale: Scale
    choices: tuple[Any, ...] = ()

    def place(self, value: Any) -> float:
        """The value as a number: that of a category is its position in the list."""
        return float(self.choices.index(value)) if self.scale == "category" else float(value)

    def labels(self) -> list[str]:
        """The choices as text."""
        return [each if isinstance(each, str) else show(each) for each in self.choices]


@dataclass(frozen=True, slots=True)
class Point:
    """A trial.

    Attributes:
        number: from 0.
        status: completed, eliminated, pruned or failed.
        values: its score, or one an objective; empty where it failed.
        settings: values by key; keys that did not count are missing.
        cost: multiply-adds of its training.
        curve: the score by epoch, of its first run.
    """

    number: int
    status: str
    values: tuple[float, ...]
    settings: Mapping[str, Any]
    cost: float
    curve: Sequence[float]

    @property
    def value(self) -> float | None:
        """That of the first objective; None where it failed."""
        return self.values[0] if self.values else None


@dataclass(frozen=True, slots=True)
class StudyPoints:
    """A study.

    Attributes:
        title: stands above each picture.
        scores: its objectives, as ``validation.accuracy``.
        signs: what makes less better: -1 where more is.
        axes: of the space, without those of a single value.
        points: all trials that have ended, by number.
    """

    title: str
    scores: tuple[str, ...]
    signs: tuple[float, ...]
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]

    @property
    def score(self) -> str:
        """The first objective."""
        return self.scores[0]

    @property
    def sign(self) -> float:
        """Of the first objective."""
        return self.signs[0]

    @property
    def scored(self) -> list[tuple[Point, float]]:
        """The trials that have a value, with it."""
        return [(point, point.value) for point in self.points if point.value is not None]

    @property
    def best(self) -> Point | None:
        """The best of the completed trials; of the pruned ones if there is no other."""
        return min(
            (point for point, _ in self.scored),
            key=lambda point: (point.status != "completed", self.sign * (point.value or 0.0)),
            default=None,
        )

    def is_wide(self) -> bool:
        """Whether the values want a logarithmic axis."""
        return self.spans_decades(0)

    def spans_decades(self, objective: int) -> bool:
        """Whether the values of an objective want a logarithmic axis."""
        values = [point.values[objective] for point, _ in self.scored]
        return bool(values) and min(values) > 0 and max(values) >= 100 * min(values)
