"""Shapes of the samples and batches with which kernels are called."""

from __future__ import annotations

from dlrun.arrays import Shape

SHAPES: tuple[Shape, ...] = ((4,), (6, 4), (6, 6, 4), (6, 6, 1))
"""Sample shapes: a row of a table, a sequence, an image, and an image with one channel."""


BATCHES = (3, 1)
"""Includes a batch of one sample, since more of its arrays are contiguous."""
