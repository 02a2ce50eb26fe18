"""What a network is to say: what losses and metrics must know of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from dlrun.arrays import Array, Shape

Task = Literal["classification", "multi_label", "regression"]
"""One of several classes is right; each of several labels is right or not; numbers."""


_STRETCH = 1 << 18
"""Values that are looked at at a time: 1 MiB of float32."""


class Rows(Protocol):
    """Targets in memory or in a file; slices of them are arrays."""

    @property
    def shape(self) -> Shape:
        """(n, ...)."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> Array: ...


@dataclass(frozen=True, slots=True)
class Target:
    """The targets of the training part.

    Attributes:
        task: what kind they are.
        values: (n, ...).  Classification: codes of classes, int64, one a sample or one at each
            place of it, as (n, time); multi-label: 0 or 1, float32, (n, labels); regression:
            numbers, float32, of any shape.
        classes: how many classes or labels there are; None in regression.
        mask: of some samples, given their rows, 1 at the steps that count, (n, time); None where
            the network's output has no mask.
    """

    task: Task
    values: Rows
    classes: int | None = None
    mask: Callable[[slice], Array] | None = None

    @property
    def shape(self) -> Shape:
        """Shape of a sample's target; () where it is one class."""
        return self.values.shape[1:]

    def stretches(self) -> Iterator[Array]:
        """The values in order, some samples at a time; with a mask, those of valid steps."""
        rows = max(1, _STRETCH // max(1, math.prod(self.shape)))
        for start in range(0, len(self.values), rows):
            block = slice(start, min(start + rows, len(self.values)))
            values = self.values[block]
            yield values if self.mask is None else values[self.mask(block) != 0]
