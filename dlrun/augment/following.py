"""Targets of each pixel or step, which are moved together with the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError

TargetKind = Literal["classes", "numbers", "input"]
"""One class per position, one value per position, or the sample itself, to be reconstructed."""


@dataclass(frozen=True, slots=True)
class Following:
    """How targets are moved.

    Attributes:
        kind: classes are those of the nearest position, values are interpolated like samples, and
            the sample itself is moved like the input, but without changes of its values.
        sample: shape of a sample, (height, width, channels) or (length, channels).
    """

    kind: TargetKind
    sample: Shape

    @property
    def places(self) -> Shape:
        """The axes along which samples are moved: (height, width), or (length,)."""
        return self.sample[:-1]

    def by_place(self, targets: Array) -> Array:
        """A view of (n, *places, ...) targets as (n, *places, k)."""
        return targets.reshape(len(targets), *self.places, -1)


def following(sample: Shape, target: Shape, task: str) -> Following | None:
    """How the source's targets are moved; None if each belongs to a sample as a whole.

    Args:
        sample: shape of a sample; only images and series can be moved.
        target: shape of its target; () is one class.
        task: of the data.

    Raises:
        ShapeError: the targets seem to belong to positions of a sample, but their shape does not
            fit.
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
            f"the targets may be {target[0]} values per sample or one per step; store "
            f"values per step as (samples, {target[0]}, 1)"
        )
    return None


def first_class(targets: Array) -> Array:
    """The target at unknown positions: (k,) for (n, *places, k) codes or probabilities."""
    found = np.zeros(targets.shape[-1], targets.dtype)
    if targets.dtype.kind == "f":
        found[0] = 1
    return found


def _shown(shape: Shape) -> str:
    return " x ".join(map(str, shape))
