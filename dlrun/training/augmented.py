"""Batches of augmented samples: where data, augmentations and the network's kernels meet."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import mixes_shares
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.padding import ValidSteps
from dlrun.data.samples import Samples
from dlrun.nn.graph import Graph
from dlrun.nn.layers.masking import Mask
from dlrun.nn.network import Network
from dlrun.training.compile import Compiled


class Augmented:
    """Writes batches: samples as the source gives them, augmented and preprocessed.

    Args:
        compiled: an experiment with augmentations.
        network: that the batches are for; its kernels are used.

    Attributes:
        targets: like those of a batch, but of no samples: shares of classes where samples of
            different classes are mixed, else what the data has, which may be its inputs.
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
        self._augmenter = Augmenter(
            experiment.augment,
            experiment.seed,
            self._read,
            len(source),
            network.kernels.resample,
            compiled.data.pipeline.transform,
            compiled.setting,
        )
        self._transform = compiled.data.pipeline.transform
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
                network.kernels.resample,
                compiled.setting,
                *length,
            )

    def __call__(self, epoch: int, visits: Array, inputs: Array, targets: Array) -> None:
        """Write samples of an epoch.

        Args:
            epoch: counts from 1.
            visits: (b,) rows of the training part, numbered by visit as ``batches.visits`` does.
            inputs: (b, *sample shape), as the network takes them.
            targets: (b, ...), as ``targets``.

        Raises:
            DataError: samples cannot be read any more.
        """
        inputs[...], targets[...] = self._augmenter(epoch, visits)
        if self._valid is not None:  # noise and the like would hide padding from masking
            inputs[~self._valid(epoch, visits)] = self._padding

    def samples(self, epoch: int, rows: Array) -> Array:
        """Augmented samples of an epoch before they are preprocessed.

        Raises:
            DataError: samples cannot be read any more.
        """
        return self._augmenter.before_preprocess(epoch, rows)

    def codes(self, targets: Array) -> Array:
        """The targets of a batch as metrics take them: of shares, the class with the largest."""
        if not self._classes:
            return targets
        found: Array = targets.argmax(axis=-1)
        return found

    def _read_valid(self, rows: Array) -> Array:
        """Which steps are no padding, (b, length) bool, as the network's masking finds them."""
        read = self._transform(self._source.inputs[rows])
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


def _padding_of(graph: Graph) -> float | None:
    """What fills padding, of which a masking tells at once where it is; None without such."""
    for node in graph.nodes:
        if isinstance(node.layer, Mask) and node.inputs[0].number == graph.input.number:
            return node.layer.value
    return None


def augmented(compiled: Compiled, network: Network) -> Augmented | None:
    """What writes the batches of an experiment; None where it augments nothing."""
    return Augmented(compiled, network) if compiled.experiment.augment else None
