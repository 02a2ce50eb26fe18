"""What augmentations make of the first samples, and how fast they make it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.network import Network
from dlrun.training.augmented import Augmented
from dlrun.training.compile import Compiled

_SECONDS = 0.5
"""For which the speed is measured."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Samples beside what becomes of them.

    Attributes:
        originals: (n, *sample shape), as the source gives them; texts are (n,).
        augmented: (n, epochs, *sample shape), the same ones in the first epochs of training.
        rate: augmented and preprocessed samples a second, on one thread.
    """

    originals: Array
    augmented: Array
    rate: float


def preview(compiled: Compiled, samples: int, epochs: int) -> Preview:
    """Augment the first samples of the training part as training will.

    Args:
        compiled: an experiment with augmentations.
        samples: how many, or as many as there are.
        epochs: how many.

    Raises:
        DataError: samples cannot be read.
    """
    source = compiled.data.source
    assert source is not None
    augmented = Augmented(compiled, Network(compiled.graph, compiled.experiment.loss, threads=1))
    rows = np.arange(min(samples, len(source)))
    made = [augmented.samples(epoch, rows)[0] for epoch in range(1, epochs + 1)]
    rate = _rate(augmented, compiled)
    return Preview(source.inputs[rows], np.stack(made, axis=1), rate)


def _rate(augmented: Augmented, compiled: Compiled) -> float:
    train = compiled.data.train
    size = min(compiled.experiment.data.batch_size, len(train))
    rows = np.arange(size)
    inputs = np.empty((size, *train.sample_shape), np.float32)
    targets = np.empty((size, *augmented.targets.shape[1:]), augmented.targets.dtype)
    augmented(1, rows, inputs, targets)  # kernels are compiled now
    start, batches = time.perf_counter(), 0
    while (seconds := time.perf_counter() - start) < _SECONDS:
        augmented(1, rows, inputs, targets)
        batches += 1
    return size * batches / seconds
