"""Batches of augmented samples, from data, augmentations and the network's kernels."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeGuard

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, mixes_shares
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.padding import ValidSteps
from dlrun.augment.text.text import TextAugmentation
from dlrun.data.samples import Samples
from dlrun.experiment.compile import Compiled
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import Graph
from dlrun.nn.kernels import Kernels, choose
from dlrun.nn.layers.masking import Mask
from dlrun.training.text_helper import TextHelper, another_processor
from dlrun.training.text_process import Job


class Augmented:
    """Writes batches: samples of the source, augmented and then preprocessed.

    While it is used as a context manager, another process may make batches of texts.

    Args:
        compiled: an experiment with augmentations.
        network: the one that the batches are for.

    Attributes:
        targets: (0, ...), in the form of a batch's targets: fractions of classes if samples of
            different classes are mixed, otherwise as in the data, which may be its inputs.
    """

    def __init__(self, compiled: Compiled, network: Network) -> None:
        experiment, source = compiled.experiment, compiled.data.source
        assert source is not None
        self._source = source
        self._classes = 0
        self.targets: Samples = np.empty((0, *source.targets.shape[1:]), source.targets.dtype)
        following = compiled.setting.following
        mixes = any(mixes_shares(each, following) for each in experiment.augment)
        self._reconstructs = experiment.data.target == "input"
        if self._reconstructs:
            self.targets = compiled.data.train.targets[:0]
        elif mixes and source.classes is not None:
            self._classes = len(source.classes)
            self.targets = np.empty((0, *source.targets.shape[1:], self._classes), np.float32)
        loops = augmenting_kernels(compiled, network).augment
        self._augmenter = Augmenter(
            experiment.augment,
            experiment.seed,
            self._read,
            len(source),
            loops,
            compiled.data.pipeline.transform,
            compiled.setting,
        )
        self._experiment, self._pipeline = experiment, compiled.data.pipeline
        self._helper: TextHelper | None = None
        self._valid: ValidSteps | None = None
        self._padding = _padding_of(compiled.graph)
        series = len(compiled.data.source_shape) in (1, 2)
        length = compiled.data.sample_shape[:1]
        if self._padding is not None and series and compiled.data.source_shape[:1] == length:
            self._valid = ValidSteps(
                experiment.augment,
                experiment.seed,
                self._read_valid,
                len(source),
                loops,
                compiled.setting,
                *length,
            )

    def __enter__(self) -> Self:
        augment = self._experiment.augment
        texts = tuple(each for each in augment if _can_move(each))
        if len(texts) == len(augment) and not self._reconstructs and another_processor():
            pipeline, seed = self._pipeline, self._experiment.seed
            steps = tuple(self._experiment.data.preprocess)
            job = Job(texts, steps, pipeline.state(), seed, len(self._source))
            self._helper = TextHelper(job, lambda *which: self._augmenter(*which)[0])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        if self._helper is not None:
            self._helper.end()
            self._helper = None

    def __call__(self, epoch: int, visits: Array, inputs: Array, targets: Array) -> None:
        """Write samples of an epoch.

        Args:
            epoch: counts from 1.
            visits: (b,) rows of the training set, numbered by visit as in ``batches.visits``.
            inputs: (b, *sample shape), filled with the inputs of the network.
            targets: (b, ...), filled with targets in the form of the attribute.

        Raises:
            DataError: samples cannot be read any more.
        """
        if self._helper is None:
            inputs[...], targets[...] = self._augmenter(epoch, visits)
        else:
            texts, targets[...] = self._read(visits % len(self._source))
            inputs[...] = self._helper(epoch, visits, texts)
        if self._valid is not None:  # noise and the like would hide padding from masking
            inputs[~self._valid(epoch, visits)] = self._padding

    def samples(self, epoch: int, rows: Array) -> Array:
        """Augmented samples of an epoch before they are preprocessed.

        Raises:
            DataError: samples cannot be read any more.
        """
        return self._augmenter.before_preprocess(epoch, rows)

    def codes(self, targets: Array) -> Array:
        """The targets of a batch for metrics; soft labels become the class with most weight."""
        if not self._classes:
            return targets
        codes: Array = targets.argmax(axis=-1)
        return codes

    def _read_valid(self, rows: Array) -> Array:
        """Which steps are not padding, (b, length) bool, as found by the network's masking."""
        read = self._pipeline.transform(self._source.inputs[rows])
        valid: Array = np.any(read.reshape(*read.shape[:2], -1) != self._padding, axis=-1)
        return valid

    def _read(self, rows: Array) -> tuple[Array, Array]:
        samples = self._source.inputs[rows]
        if samples.dtype == np.float64 and samples.ndim > 2:  # columns of tables keep their digits
            samples = samples.astype(np.float32)
        if self._reconstructs:
            return samples, samples
        targets = self._source.targets[rows]
        if self._classes:
            targets = np.eye(self._classes, dtype=np.float32)[targets]
        return samples, targets


def _can_move(each: Augmentation) -> TypeGuard[TextAugmentation]:
    """Whether another process may apply it."""
    return isinstance(each, TextAugmentation) and not each.foreign


def _padding_of(graph: Graph) -> float | None:
    """The padding value of a masking layer that reads the inputs directly; None without one."""
    for node in graph.nodes:
        if isinstance(node.operation, Mask) and node.inputs[0].number == graph.input.number:
            return node.operation.value
    return None


def augmenting_kernels(compiled: Compiled, network: Network) -> Kernels:
    """The network's kernels, or compiled ones if the augmentations alone are worth loading them."""
    if network.kernels.which == "numba":
        return network.kernels
    shape = compiled.data.source_shape
    work = sum(each.work(shape) for each in compiled.experiment.augment)
    return choose(compiled.graph.multiply_adds() + work)


def augmented(compiled: Compiled, network: Network) -> Augmented | None:
    """The writer of an experiment's batches; None if it does not augment."""
    return Augmented(compiled, network) if compiled.experiment.augment else None
