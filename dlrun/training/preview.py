"""What augmentations make of the first samples, and how fast they make it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.preprocess.log_mel import LogMel
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
        sounds: spectrograms of them where they are waveforms.
    """

    originals: Array
    augmented: Array
    rate: float
    sounds: Sounds | None


@dataclass(frozen=True, slots=True)
class Sounds:
    """Waveforms as one sees them: what the network reads where that is a spectrogram.

    Attributes:
        rate: samples a second.
        originals: (n, frames, bands).
        augmented: (n, epochs, frames, bands).
    """

    rate: int
    originals: Array
    augmented: Array


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
    made = [augmented.samples(epoch, rows) for epoch in range(1, epochs + 1)]
    rate = _rate(augmented, compiled)
    found, changed = source.inputs[rows], np.stack(made, axis=1)
    sounds = None
    if source.rate is not None:
        sounds = _sounds(augmented, compiled, found, changed, source.rate)
    return Preview(found, changed, rate, sounds)


def _rate(augmented: Augmented, compiled: Compiled) -> float:
    size = min(compiled.experiment.data.batch_size, len(compiled.data.train))
    rows = np.arange(size)
    batch = _batch(augmented, compiled, size)
    augmented(1, rows, *batch)  # kernels are compiled now
    start, batches = time.perf_counter(), 0
    while (seconds := time.perf_counter() - start) < _SECONDS:
        augmented(1, rows, *batch)
        batches += 1
    return size * batches / seconds


def _batch(augmented: Augmented, compiled: Compiled, size: int) -> tuple[Array, Array]:
    """Room for inputs and targets."""
    inputs = np.empty((size, *compiled.data.sample_shape), np.float32)
    return inputs, np.empty((size, *augmented.targets.shape[1:]), augmented.targets.dtype)


def _sounds(
    augmented: Augmented, compiled: Compiled, originals: Array, changed: Array, rate: int
) -> Sounds:
    rows, (n, epochs, length, _) = np.arange(len(originals)), changed.shape
    shape = compiled.data.sample_shape
    if len(shape) == 2 and shape[1] > 1:
        seen = []
        for epoch in range(1, epochs + 1):
            inputs, targets = _batch(augmented, compiled, n)
            augmented(epoch, rows, inputs, targets)
            seen.append(inputs)
        return Sounds(rate, compiled.data.train.inputs[rows], np.stack(seen, axis=1))
    # A network that reads waveforms: spectrograms for the eye alone.
    whole = 1000 * length / rate
    state = {"rate": np.array([float(rate)])}
    step = LogMel(window=min(25.0, whole), hop=min(10.0, whole)).restore(None, state)
    flat = step.apply(changed.reshape(n * epochs, length, -1))
    return Sounds(rate, step.apply(originals), flat.reshape(n, epochs, *flat.shape[1:]))
