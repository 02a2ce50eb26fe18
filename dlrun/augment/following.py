"""Targets of each pixel or step, which follow when an augmentation moves the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError

Kind = Literal["classes", "numbers", "input"]
"""A class of each place, numbers of each place, or the sample itself, which it reconstructs."""


@dataclass(frozen=True, slots=True)
class Following:
    """How targets follow.

    Attributes:
        kind: classes come from the nearest place, numbers are interpolated as samples are, and
            the sample is moved as it is, without the changes of its values.
        sample: shape of a sample, (height, width, channels) or (length, channels).
    """

    kind: Kind
    sample: Shape

    @property
    def places(self) -> Shape:
        """The axes along which samples move: (height, width), or (length,)."""
        return self.sample[:-1]

    def by_place(self, targets: Array) -> Array:
        """A view of (n, *places, ...) targets as (n, *places, k)."""
        return targets.reshape(len(targets), *self.places, -1)


def following(sample: Shape, target: Shape, task: str) -> Following | None:
    """How targets of the source follow; None where each belongs to a sample as a whole.

    Args:
        sample: shape of a sample; only images and series can be moved.
        target: shape of its target; () is one class.
        task: what the data is for.

    Raises:
        ShapeError: the targets may belong to places of a sample, but not to each of it.
    """
    places = sample[:-1]
    if not target or task == "multi_label" or len(places) not in (1, 2):
        return None
    if task == "classification" or len(target) > 1:
        if target[: len(places)] == places:
            return Following("classes" if task == "classification" else "numbers", sample)
        if len(target) > 1 or len(places) == 1 or target[0] in places:
            raise ShapeError(
                f"the targets, {_shown(target)}, do not have the {_shown(places)} "
                f"{'pixels' if len(places) == 2 else 'steps'} of the samples"
            )
    elif len(places) == 1 and target == places != (1,):
        raise ShapeError(
            f"the targets may be {target[0]} numbers of a sample or one of each step; store "
            f"those of steps as (samples, {target[0]}, 1)"
        )
    return None


def first_class(targets: Array) -> Array:
    """What targets are where nothing is known: (k,) for (n, *places, k) codes or shares."""
    found = np.zeros(targets.shape[-1], targets.dtype)
    if targets.dtype.kind == "f":
        found[0] = 1
    return found


def _shown(shape: Shape) -> str:
    return " x ".join(map(str, shape))
