"""Windows that move over images, or over sequences as images of one row."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import NonNegativeInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.steps import Steps, windows
from dlrun.spec.fields import Pair, pair

Padding = Literal["same", "valid"] | NonNegativeInt
"""Zeros around: as many as preserve the length, none, or a number on each side."""

Two = tuple[int, int]


def as_image(kind: str, x: Shape) -> tuple[int, int, int]:
    """(height, width, channels) of a sample; a sequence, (length, channels), is one row.

    Raises:
        ShapeError: it is neither.
    """
    if len(x) == 2:
        return (1, *x)
    if len(x) != 3:
        raise ShapeError(f"{kind} needs (height, width, channels) or (length, channels), got {x}")
    return (x[0], x[1], x[2])


def lengths(kind: str, value: Pair, x: Shape, single: int = 1) -> Two:
    """A field's lengths down and across; down is ``single`` for sequences.

    Raises:
        ShapeError: two lengths are given for a sequence.
    """
    if len(x) == 2:
        if isinstance(value, tuple):
            raise ShapeError(f"{kind} of (length, channels) needs one number instead of {value}")
        return (single, value)
    return pair(value)


def misfit(kind: str, windows: str, size: Two, x: Shape) -> ShapeError:
    """The error for windows that are larger than a sample.

    Args:
        kind: name of the layer.
        windows: its word for windows.
        size: of a window.
        x: shape of a sample.
    """
    if len(x) == 2:
        return ShapeError(
            f"{kind} with {windows} of {size[1]} does not fit into a length of {x[0]}"
        )
    return ShapeError(f"{kind} with {windows} of {size} does not fit into an image of {x[:2]}")


def as_images(x: Array) -> Array:
    """x as (n, height, width, channels), if necessary from (n, length, channels)."""
    return x if x.ndim == 4 else x[:, None]


def places(length: int, window: int, stride: int, padding: Two, dilation: int = 1) -> int:
    """Number of positions of a window along an axis; below 1 if it does not fit."""
    return (length + sum(padding) - (window - 1) * dilation - 1) // stride + 1


def window_steps(
    x: Shape, out: int, size: int, stride: int, before: int, padding: Padding
) -> Steps:
    """The steps of a sequence after windows have moved over it.

    Args:
        x: shape of a sample; its first axis is time.
        out: windows.
        size: from the first step of a window to the last.
        stride: steps between two windows.
        before: zeros before the first step.
        padding: the field of the layer.
    """
    same = padding == "same"
    if same and stride == 1:
        return Steps(before=before)
    return Steps(spans=windows(x[0], out, size, stride, before, same=same), before=before)


def pads(padding: Padding, length: int, window: int, stride: int, dilation: int = 1) -> Two:
    """Zeros before and after an axis."""
    if padding == "valid":
        return (0, 0)
    if isinstance(padding, int):
        return (padding, padding)
    reach = (math.ceil(length / stride) - 1) * stride + (window - 1) * dilation + 1
    total = max(reach - length, 0)
    return (total // 2, total - total // 2)  # an odd one goes to the far side, as in ONNX
