"""Samples that every augmentation changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Setting
from dlrun.augment.augmenter import Augmenter
from dlrun.errors import InputError
from dlrun.inspect.warmup_shapes import BATCHES, SHAPES
from dlrun.nn.kernels import numba_kernels

_SETTING = Setting(8000, lambda path, rate: [np.ones(9, np.float32)])
"""The setting of waveforms, with one recording."""


_TEXT = "If you want it, I will not wait for a good day."


def changes(augmentation: Augmentation) -> Iterator[Callable[[], None]]:
    """The augmentation on all sample shapes that it accepts, including texts and colours."""
    for shape in (*SHAPES, (6, 6, 3), ()):
        with suppress(InputError):  # it does not accept such samples, or needs a table
            augmentation.check(shape, "classification")
            yield partial(_augment, augmentation, shape)


def _augment(augmentation: Augmentation, shape: Shape) -> None:
    def read(rows: Array) -> tuple[Array, Array]:
        targets = np.zeros((len(rows), 2), "float32")
        if not shape:
            return np.full(len(rows), _TEXT, object), targets
        return np.zeros((len(rows), *shape), "float32"), targets

    samples = max(BATCHES)
    kernels = numba_kernels().augment
    augmenter = Augmenter([augmentation], 0, read, samples, kernels, setting=_SETTING)
    augmenter(1, np.arange(samples))
