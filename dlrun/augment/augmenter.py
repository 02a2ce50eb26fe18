"""The augmentations of a spec one after another."""

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

Read = Callable[[Array], tuple[Array, Array]]
"""From (n,) rows of the training part to copies of samples and targets; one and the same array
where the target is the sample itself."""

Preprocess = Callable[[Array], Array]
"""From samples as the source gives them to what the network reads, each by itself."""

_Stage = Callable[[int, Array, Array, Array], tuple[Array, Array]]
"""From epoch, visits, samples and targets to samples and targets."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An augmentation and its position in the list, which its draws depend on."""

    position: int
    augmentation: Augmentation


class Augmenter:
    """Makes changed samples; what it makes of a row in an epoch depends on nothing else.

    Geometric augmentations that follow one another are composed, and the image is drawn anew once
    for all of them, which is faster and blurs less than once for each.

    Samples are preprocessed before the first augmentation that changes what the network reads,
    else after the last one.

    Targets of each pixel or step follow when samples are moved.  So does a target that is the
    sample itself, which is left as it is by everything else: what augmentations do to its values is
    what a denoising autoencoder learns to undo (Vincent et al., ICML 2008).

    Image augmentations work on values of 0 to 1; others are brought there, and back before they are
    preprocessed.

    Args:
        augmentations: in order.
        seed: the run's.
        read: gives samples as they were; float32 targets where any augmentation mixes.
        samples: in the training part.
        kernels: fast loops.
        preprocess: makes of samples what the network reads; None leaves them as they are.
        setting: what augmentations may know.
    """

    def __init__(
        self,
        augmentations: Sequence[Augmentation],
        seed: int,
        read: Read,
        samples: int,
        kernels: Kernels,
        preprocess: Preprocess | None = None,
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
            visits: (n,) rows of the training part, and ``samples`` more for each visit to a row
                before, so that it is changed anew.

        Raises:
            DataError: samples cannot be read any more.
        """
        return self._behind(len(self._stages), epoch, visits)

    def before_preprocess(self, epoch: int, rows: Array) -> Array:
        """Samples of an epoch as they come to ``preprocess``.

        Raises:
            DataError: samples cannot be read any more.
        """
        return self._behind(self._front, epoch, rows)[0]

    def _add(self, placed: Sequence[_Placed]) -> None:
        """Put stages for some augmentations behind those that there are."""
        for _, stage in groupby(placed, key=_joins):
            first, *more = stage
            each = first.augmentation
            if isinstance(each, Geometric):
                self._stages.append(partial(self._redraw, (first, *more)))
            elif isinstance(each, Mixing):
                self._stages.append(partial(self._mix, len(self._stages), first, each))
            else:
                follow = None
                if self._following is not None and each.moves:
                    follow = each.follow(self._setting, self._following)
                self._stages.append(partial(self._change, first, each.bind(self._setting), follow))

    def _scales(self, placed: Sequence[_Placed]) -> bool:
        """Whether images have to be brought to values of 0 to 1."""
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
        """Samples behind the first so many stages."""
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
        """Mix with samples that come through the same stages, wherever their own batch is."""
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
        self, step: Preprocess, epoch: int, visits: Array, samples: Array, targets: Array
    ) -> tuple[Array, Array]:
        if targets is samples:
            samples = step(samples)
            return samples, samples
        return step(samples), step(targets) if self._rebuilds else targets


def _joins(placed: _Placed) -> object:
    """Neighbours with the same key form a stage."""
    each = placed.augmentation
    return ("geometric", each.fill) if isinstance(each, Geometric) else placed.position
