"""Arrays of a network: a value with its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dlrun.arrays import Array


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value and the gradient of the loss with respect to it, of the same shape.

    Frozen, so that ``y.value += ...`` raises: results are written with ``out=``.  ``grad`` is None
    where it is not needed: in evaluation, and below the lowest trainable layer.
    """

    value: Array
    grad: Array | None = None


Tensors = Mapping[str, Tensor]
"""Parameters of a layer, by name."""

Arrays = Mapping[str, Array]
"""Work arrays of a layer, by name."""
