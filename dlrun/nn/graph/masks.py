"""Nodes that compute masks; a spec does not name them.

A mask is a value of shape (time,), 1 at valid steps and 0 at padding.  It has no gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.graph.bound import Bound, Context
from dlrun.nn.graph.declarations import Buffer
from dlrun.nn.graph.operation import Merge, Transform
from dlrun.nn.tensor import Arrays, Tensor, Tensors


class Remask(Transform):
    """The mask after a layer, computed from the mask before it; see ``Spans``.

    Shape: (batch, time) -> (batch, steps).
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    first: tuple[int, ...]
    """For every step after the layer, the first step that decides whether it is valid."""
    last: tuple[int, ...]
    """The last of these steps."""
    needed: tuple[int, ...]
    """How many of these steps must be valid."""
    reach: tuple[tuple[int, int], ...] = ()
    """The first and last step that the layer reads for each step."""

    def output_shape(self, x: Shape) -> Shape:
        """The number of steps after the layer."""
        return (len(self.first),)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """How many steps are valid before each."""
        return {"counts": Buffer((x[0] + 1,))}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        mask, valid, counts = x.value, y.value, scratch["counts"]
        first, stop = np.array(self.first), np.array(self.last) + 1
        needed = np.array(self.needed)
        begin, end = np.array(self.reach or [(0, 0)]).T

        def forward() -> None:
            count_valid(mask, counts)
            np.greater_equal(counts[:, stop] - counts[:, first], needed, out=valid)
            if not self.reach:
                return
            short = np.flatnonzero((counts[:, -1] > 0) & ~valid.any(axis=1))
            if len(short):
                reached = counts[short[:, None], end + 1] > counts[short[:, None], begin]
                valid[short, reached.argmax(axis=1)] = reached.any(axis=1)

        return Bound(forward)


class Both(Merge):
    """The mask of steps that are valid in all masks.

    Shape: (batch, time) each, unchanged.
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """The shape of each."""
        return xs[0]

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays: ones and zeros are multiplied."""
        first, *rest = (x.value for x in xs)

        def forward() -> None:
            np.copyto(y.value, first)
            for each in rest:
                np.multiply(y.value, each, out=y.value)

        return Bound(forward)


class Joined(Merge):
    """Concatenated masks; inputs without a mask are valid everywhere.

    Shape: (batch, n1), (batch, n2) and so on -> (batch, n1 + n2 + ...).
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    lengths: tuple[int, ...]
    """Lengths of the parts."""
    masked: tuple[bool, ...]
    """Which of them have a mask among the inputs."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """The sum of the lengths."""
        return (sum(self.lengths),)

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays."""
        parts = np.split(y.value, np.cumsum(self.lengths)[:-1], axis=1)
        masks = iter(xs)
        sources = [next(masks).value if masked else 1 for masked in self.masked]

        def forward() -> None:
            for part, source in zip(parts, sources, strict=True):
                np.copyto(part, source)

        return Bound(forward)


def count_valid(mask: Array, counts: Array) -> None:
    """Write how many steps of a mask are valid before each step, (batch, time + 1)."""
    counts[:, 0] = 0
    np.cumsum(mask, axis=1, out=counts[:, 1:])
