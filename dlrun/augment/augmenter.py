"""The augmentations of a spec one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, Mixing
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, redraw
from dlrun.augment.kernels import Kernels

Read = Callable[[Array], tuple[Array, Array]]
"""From (n,) rows of the training part to copies of samples and targets."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An augmentation and its position in the list, which its draws depend on."""

    position: int
    augmentation: Augmentation


class Augmenter:
    """Makes changed samples; what it makes of a row in an epoch depends on nothing else.

    Geometric augmentations that follow one another are composed, and the image is drawn anew once
    for all of them, which is faster and blurs less than once for each.

    Args:
        augmentations: in order.
        seed: the run's.
        read: gives samples as they were; float32 targets where any augmentation mixes.
        samples: how many there are to mix with.
        kernels: fast loops.
    """

    def __init__(
        self,
        augmentations: Sequence[Augmentation],
        seed: int,
        read: Read,
        samples: int,
        kernels: Kernels,
    ) -> None:
        self._seed, self._read, self._samples, self._kernels = seed, read, samples, kernels
        placed = [_Placed(number, each) for number, each in enumerate(augmentations)]
        self._stages = [tuple(stage) for _, stage in groupby(placed, key=_joins)]

    def __call__(self, epoch: int, rows: Array) -> tuple[Array, Array]:
        """Samples and targets of an epoch.

        Args:
            epoch: counts from 1.
            rows: (n,) rows of the training part.

        Raises:
            DataError: samples cannot be read any more.
        """
        return self._behind(len(self._stages), epoch, rows)

    def _behind(self, stages: int, epoch: int, rows: Array) -> tuple[Array, Array]:
        """Samples behind the first so many stages."""
        samples, targets = self._read(rows)
        for number, stage in enumerate(self._stages[:stages]):
            first = stage[0]
            if isinstance(first.augmentation, Geometric):
                samples = self._redraw(stage, epoch, rows, samples)
            elif isinstance(first.augmentation, Mixing):
                self._mix(number, first.augmentation, epoch, rows, samples, targets)
            else:
                samples = self._change(first, epoch, rows, samples)
        return samples, targets

    def _draws(self, placed: _Placed, epoch: int, rows: Array) -> tuple[Array, Draws]:
        """Which samples an augmentation changes, (n,) bool, and the draws of all."""
        draws = Draws.of(self._seed, epoch, placed.position, rows)
        return draws.chance(placed.augmentation.probability), draws

    def _redraw(self, stage: Sequence[_Placed], epoch: int, rows: Array, samples: Array) -> Array:
        inverse = np.tile(np.eye(3), (len(rows), 1, 1))
        for placed in stage:
            each = placed.augmentation
            assert isinstance(each, Geometric)
            chosen, draws = self._draws(placed, epoch, rows)
            own = each.inverse(draws.some(chosen), samples.shape[1], samples.shape[2])
            inverse[chosen] = inverse[chosen] @ own
        last = stage[0].augmentation
        assert isinstance(last, Geometric)
        return redraw(samples, inverse, last.fill, self._kernels)

    def _change(self, placed: _Placed, epoch: int, rows: Array, samples: Array) -> Array:
        chosen, draws = self._draws(placed, epoch, rows)
        if chosen.all():
            return placed.augmentation.apply(samples, draws, self._kernels)
        if chosen.any():
            some = draws.some(chosen)
            samples[chosen] = placed.augmentation.apply(samples[chosen], some, self._kernels)
        return samples

    def _mix(
        self,
        number: int,
        augmentation: Mixing,
        epoch: int,
        rows: Array,
        samples: Array,
        targets: Array,
    ) -> None:
        """Mix with samples that come through the same stages, wherever their own batch is."""
        chosen, draws = self._draws(self._stages[number][0], epoch, rows)
        if chosen.any():
            draws = draws.some(chosen)
            others = self._behind(number, epoch, draws.integers(self._samples))
            mixed = augmentation.mix(samples[chosen], targets[chosen], *others, draws)
            samples[chosen], targets[chosen] = mixed


def _joins(placed: _Placed) -> object:
    """Neighbours with the same key form a stage."""
    each = placed.augmentation
    return ("geometric", each.fill) if isinstance(each, Geometric) else placed.position
