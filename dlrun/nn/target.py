"""The targets of a network, for losses and metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from dlrun.arrays import Array, Shape

Task = Literal["classification", "multi_label", "regression"]
"""One of several classes per decision; any number of labels per sample; real values."""

_STRETCH = 1 << 18
"""Values that are read at a time: 1 MiB of float32."""


class Rows(Protocol):
    """Targets in memory or in a file, whose slices are arrays."""

    @property
    def shape(self) -> Shape:
        """(n, ...)."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> Array: ...


@dataclass(frozen=True, slots=True)
class Target:
    """The targets of the training set.

    Attributes:
        task: the kind of targets.
        values: (n, ...).  Classification: codes of classes, int64, one per sample or one at each
            position of it, e.g. (n, time); multi-label: 0 or 1, float32, (n, labels); regression:
            real values, float32, of any shape.
        classes: number of classes or labels; None in regression.
        mask: returns, for a slice of samples, 1 at valid steps and 0 at padding, (n, time); None
            if the network's output has no mask.
    """

    task: Task
    values: Rows
    classes: int | None = None
    mask: Callable[[slice], Array] | None = None

    @property
    def shape(self) -> Shape:
        """Shape of a sample's target; () if it is one class."""
        return self.values.shape[1:]

    def stretches(self) -> Iterator[Array]:
        """The values in order, some samples at a time; with a mask, only those of valid steps.

        None of them is empty.
        """
        rows = max(1, _STRETCH // max(1, math.prod(self.shape)))
        for start in range(0, len(self.values), rows):
            block = slice(start, min(start + rows, len(self.values)))
            values = self.values[block]
            if self.mask is not None:
                values = values[self.mask(block) != 0]
            if len(values):
                yield values
