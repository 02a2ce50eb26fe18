"""Applies the augmentations of a spec one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, takewhile

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, Change, Mixing, Setting
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, redraw, redraw_targets
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.kernels import Kernels
from dlrun.augment.text.text import PassageAugmentation, Passages

Read = Callable[[Array], tuple[Array, Array]]
"""Maps (n,) rows of the training set to copies of samples and targets; both are the same array if
the target is the sample itself."""

PreprocessSamples = Callable[[Array], Array]
"""Maps samples of the source to the network's input, each sample independently."""

_Stage = Callable[[int, Array, Array, Array], tuple[Array, Array]]
"""Maps epoch, visits, samples and targets to samples and targets."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An augmentation and its position in the list, which determines its draws."""

    position: int
    augmentation: Augmentation


class Augmenter:
    """Makes augmented samples; the result for a row depends only on the row and the epoch.

    Consecutive geometric augmentations are composed, and the image is resampled once for all of
    them, which is faster and blurs less than resampling once for each.  Consecutive augmentations
    of words split a text into words once.

    Samples are preprocessed before the first augmentation of preprocessed samples, otherwise after
    the last one.

    Targets of each pixel or step are moved with the samples.  So is a target that is the sample
    itself, but all other changes leave it alone: a denoising autoencoder learns to undo them
    (Vincent et al., ICML 2008).

    Image augmentations work on values of 0 to 1; other values are scaled to this range, and back
    before they are preprocessed.

    Args:
        augmentations: in order.
        seed: the run's.
        read: returns original samples; float32 targets if any augmentation mixes.
        samples: number of samples in the training set.
        kernels: fast loops.
        preprocess: maps samples to the network's input; None leaves them as they are.
        setting: properties of the experiment.
    """

    def __init__(
        self,
        augmentations: Sequence[Augmentation],
        seed: int,
        read: Read,
        samples: int,
        kernels: Kernels,
        preprocess: PreprocessSamples | None = None,
        setting: Setting | None = None,
    ) -> None:
        self._seed, self._read, self._samples, self._kernels = seed, read, samples, kernels
        self._setting = setting or Setting()
        self._following = self._setting.following
        placed = [_Placed(number, each) for number, each in enumerate(augmentations)]
        first = list(takewhile(lambda each: not each.augmentation.behind_preprocess, placed))
        self._stages: list[_Stage] = []
        if self._scales(first):
            self._read = self._scaled(read)
        self._add(first)
        if self._scales(first):
            self._stages.append(self._scaled_back)
        self._front = len(self._stages)
        if preprocess is not None:
            self._stages.append(partial(self._preprocess, preprocess))
        self._add(placed[len(first) :])

    def __call__(self, epoch: int, visits: Array) -> tuple[Array, Array]:
        """Samples of an epoch as the network reads them, and their targets.

        Args:
            epoch: counts from 1.
            visits: (n,) rows of the training set, plus ``samples`` for each earlier visit to the
                row in this epoch, so that it is changed differently.

        Raises:
            DataError: samples can no longer be read.
        """
        return self._behind(len(self._stages), epoch, visits)

    def before_preprocess(self, epoch: int, rows: Array) -> Array:
        """Samples of an epoch before ``preprocess``.

        Raises:
            DataError: samples can no longer be read.
        """
        return self._behind(self._front, epoch, rows)[0]

    def _add(self, placed: Sequence[_Placed]) -> None:
        """Append stages for some augmentations to the existing ones."""
        for _, stage in groupby(placed, key=_joins):
            first, *more = stage
            each = first.augmentation
            if isinstance(each, Geometric):
                self._stages.append(partial(self._redraw, (first, *more)))
            elif isinstance(each, PassageAugmentation):
                self._stages.append(partial(self._edit, (first, *more)))
            elif isinstance(each, Mixing):
                self._stages.append(partial(self._mix, len(self._stages), first, each))
            else:
                follow = None
                if self._following is not None and each.moves:
                    follow = each.follow(self._setting, self._following)
                self._stages.append(partial(self._change, first, each.bind(self._setting), follow))

    def _scales(self, placed: Sequence[_Placed]) -> bool:
        """Whether images must be scaled to values of 0 to 1."""
        images = any(isinstance(each.augmentation, ImageAugmentation) for each in placed)
        return images and (self._setting.low, self._setting.high) != (0.0, 1.0)

    def _scaled(self, read: Read) -> Read:
        low, span = np.float32(self._setting.low), self._span

        def scaled(rows: Array) -> tuple[Array, Array]:
            samples, targets = read(rows)
            samples -= low
            samples /= span
            return samples, targets  # which may be the samples

        return scaled

    def _scaled_back(
        self, epoch: int, visits: Array, samples: Array, targets: Array
    ) -> tuple[Array, Array]:
        low, span, same = np.float32(self._setting.low), self._span, targets is samples
        samples = samples * span + low
        if same:
            return samples, samples
        return samples, targets * span + low if self._rebuilds else targets

    @property
    def _span(self) -> np.float32:
        return np.float32(self._setting.high) - np.float32(self._setting.low)

    @property
    def _rebuilds(self) -> bool:
        """Whether the target is the sample itself."""
        return self._following is not None and self._following.kind == "input"

    def _behind(self, stages: int, epoch: int, visits: Array) -> tuple[Array, Array]:
        """Samples after the first so many stages."""
        samples, targets = self._read(visits % self._samples)
        for stage in self._stages[:stages]:
            samples, targets = stage(epoch, visits, samples, targets)
        return samples, targets

    def _draws(self, placed: _Placed, epoch: int, visits: Array) -> tuple[Array, Draws]:
        """Which samples an augmentation changes, (n,) bool, and the draws of all."""
        draws = Draws.of(self._seed, epoch, placed.position, visits)
        return draws.chance(placed.augmentation.probability), draws

    def _redraw(
        self, stage: Sequence[_Placed], epoch: int, visits: Array, samples: Array, targets: Array
    ) -> tuple[Array, Array]:
        inverse = np.tile(np.eye(3), (len(visits), 1, 1))
        for placed in stage:
            each = placed.augmentation
            assert isinstance(each, Geometric)
            chosen, draws = self._draws(placed, epoch, visits)
            own = each.inverse(draws.some(chosen), samples.shape[1], samples.shape[2])
            inverse[chosen] = inverse[chosen] @ own
        last = stage[0].augmentation
        assert isinstance(last, Geometric)
        if targets is samples:
            samples = redraw(samples, inverse, last.fill, self._kernels)
            return samples, samples
        if (follow := self._following) is not None:
            places = follow.by_place(targets)
            moved = redraw_targets(places, inverse, last.fill, self._kernels, follow)
            targets = moved.reshape(targets.shape)
        return redraw(samples, inverse, last.fill, self._kernels), targets

    def _edit(
        self, stage: Sequence[_Placed], epoch: int, visits: Array, samples: Array, targets: Array
    ) -> tuple[Array, Array]:
        passages = Passages(samples)
        for placed in stage:
            each = placed.augmentation
            assert isinstance(each, PassageAugmentation)
            chosen, draws = self._draws(placed, epoch, visits)
            passages.edit(each, chosen, draws.some(chosen))
        passages.close()
        return samples, targets

    def _change(
        self,
        placed: _Placed,
        change: Change,
        follow: Change | None,
        epoch: int,
        visits: Array,
        samples: Array,
        targets: Array,
    ) -> tuple[Array, Array]:
        chosen, draws = self._draws(placed, epoch, visits)
        if targets is samples and chosen.any():
            targets = samples.copy()
        if follow is not None and self._following is not None and chosen.any():
            places = self._following.by_place(targets)
            places[chosen] = follow(places[chosen], draws.some(chosen), self._kernels)
            targets = places.reshape(targets.shape)
        if chosen.all():
            return change(samples, draws, self._kernels), targets
        if chosen.any():
            samples[chosen] = change(samples[chosen], draws.some(chosen), self._kernels)
        return samples, targets

    def _mix(
        self,
        number: int,
        placed: _Placed,
        augmentation: Mixing,
        epoch: int,
        visits: Array,
        samples: Array,
        targets: Array,
    ) -> tuple[Array, Array]:
        """Mix with samples after the same stages, from any batch."""
        chosen, draws = self._draws(placed, epoch, visits)
        if chosen.any():
            draws = draws.some(chosen)
            others, their = self._behind(number, epoch, draws.integers(self._samples))
            if self._following is None:
                mixed = augmentation.mix(samples[chosen], targets[chosen], others, their, draws)
                samples[chosen], targets[chosen] = mixed
            else:
                places = self._following.by_place(targets)
                their = self._following.by_place(their)
                samples[chosen], places[chosen] = augmentation.mix_places(
                    samples[chosen], places[chosen], others, their, draws
                )
                targets = samples if targets is samples else places.reshape(targets.shape)
        return samples, targets

    def _preprocess(
        self, step: PreprocessSamples, epoch: int, visits: Array, samples: Array, targets: Array
    ) -> tuple[Array, Array]:
        if targets is samples:
            samples = step(samples)
            return samples, samples
        return step(samples), step(targets) if self._rebuilds else targets


def _joins(placed: _Placed) -> object:
    """Consecutive augmentations with the same key form a stage."""
    each = placed.augmentation
    if isinstance(each, PassageAugmentation):
        return "passages"
    return ("geometric", each.fill) if isinstance(each, Geometric) else placed.position
