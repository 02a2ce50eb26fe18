"""What a network is to say: what losses and metrics must know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dlrun.arrays import Array, Shape

Task = Literal["classification", "multi_label", "regression"]
"""One of several classes is right; each of several labels is right or not; numbers."""


@dataclass(frozen=True, slots=True)
class Target:
    """The targets of the training part.

    Attributes:
        task: what kind they are.
        values: (n, ...).  Classification: codes of classes, int64, one a sample or one at each
            place of it, as (n, time); multi-label: 0 or 1, float32, (n, labels); regression:
            numbers, float32, of any shape.
        classes: how many classes or labels there are; None in regression.
    """

    task: Task
    values: Array
    classes: int | None = None

    @property
    def shape(self) -> Shape:
        """Shape of a sample's target; () where it is one class."""
        return self.values.shape[1:]
