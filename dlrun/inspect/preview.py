"""Augmented versions of some samples, and the speed of augmentation."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.log_mel import LogMel
from dlrun.experiment.compile import Compiled
from dlrun.nn.engine.network import Network
from dlrun.training.augmented import Augmented

_SECONDS = 0.5
"""Seconds for which the speed is measured."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Samples and their augmented versions.

    Attributes:
        names: of their classes, or their targets if these are single values; None if neither.
        originals: (n, *sample shape), samples of the source; values of images are scaled to 0 to 1;
            texts are (n,).
        augmented: (n, epochs, *sample shape), the same samples in the first epochs of training.
        rate: augmented and preprocessed samples per second, on one thread.
        sounds: spectrograms of the samples if they are waveforms.
    """

    names: tuple[str, ...] | None
    originals: Array
    augmented: Array
    rate: float
    sounds: Sounds | None


@dataclass(frozen=True, slots=True)
class Sounds:
    """Spectrograms of waveforms; those that the network reads, if it reads spectrograms.

    Attributes:
        rate: sampling rate in Hz.
        originals: (n, frames, bands).
        augmented: (n, epochs, frames, bands).
    """

    rate: int
    originals: Array
    augmented: Array


def preview(compiled: Compiled, samples: int, epochs: int) -> Preview:
    """Augment the first samples of each class in the training set, as in training.

    Args:
        compiled: an experiment with augmentations.
        samples: maximum number of samples.
        epochs: number of augmented versions of each.

    Raises:
        DataError: samples cannot be read.
    """
    source = compiled.data.source
    assert source is not None
    augmented = Augmented(compiled, Network(compiled.graph, compiled.experiment.loss, threads=1))
    rows = _in_turn(source)[:samples]
    made = [augmented.samples(epoch, rows) for epoch in range(1, epochs + 1)]
    rate = _rate(augmented, compiled)
    found, changed = source.inputs[rows], np.stack(made, axis=1)
    sounds = None
    if source.rate is not None:
        sounds = _sounds(augmented, compiled, rows, found, changed, source.rate)
    if len(compiled.data.source_shape) == 3:
        low, high = np.float32(compiled.setting.low), np.float32(compiled.setting.high)
        found, changed = ((each - low) / (high - low) for each in (found, changed))
    return Preview(_names(source, rows), found, changed, rate, sounds)


def _in_turn(data: Dataset) -> Array:
    """Rows: the first of each class, then the second, and so on; all in order without classes."""
    rows = np.arange(len(data))
    if data.task != "classification" or len(data.targets.shape) > 1:
        return rows
    by_class = np.argsort(data.codes, kind="stable")
    _, sizes = np.unique(data.codes, return_counts=True)
    turn = np.empty(len(data), np.int64)
    turn[by_class] = np.concatenate([np.arange(size) for size in sizes])
    return np.lexsort((data.codes, turn))


def _names(data: Dataset, rows: Array) -> tuple[str, ...] | None:
    targets = data.targets[rows]
    if data.task == "classification" and targets.ndim == 1 and data.classes is not None:
        return tuple(data.classes[code] for code in targets)
    if data.task == "regression" and targets[0].size == 1:
        return tuple(f"{value:.4g}" for value in targets.reshape(-1))
    return None


def _rate(augmented: Augmented, compiled: Compiled) -> float:
    size = min(compiled.experiment.data.batch_size, len(compiled.data.train))
    rows = np.arange(size)
    batch = _batch(augmented, compiled, size)
    augmented(1, rows, *batch)  # compiles the kernels
    start, batches = time.perf_counter(), 0
    while (seconds := time.perf_counter() - start) < _SECONDS:
        augmented(1, rows, *batch)
        batches += 1
    return size * batches / seconds


def _batch(augmented: Augmented, compiled: Compiled, size: int) -> tuple[Array, Array]:
    """Empty arrays for inputs and targets."""
    inputs = np.empty((size, *compiled.data.sample_shape), np.float32)
    return inputs, np.empty((size, *augmented.targets.shape[1:]), augmented.targets.dtype)


def _sounds(
    augmented: Augmented,
    compiled: Compiled,
    rows: Array,
    originals: Array,
    changed: Array,
    rate: int,
) -> Sounds:
    n, epochs, length, _ = changed.shape
    shape = compiled.data.sample_shape
    if len(shape) == 2 and shape[1] > 1:
        seen = []
        for epoch in range(1, epochs + 1):
            inputs, targets = _batch(augmented, compiled, n)
            augmented(epoch, rows, inputs, targets)
            seen.append(inputs)
        return Sounds(rate, compiled.data.train.inputs[rows], np.stack(seen, axis=1))
    # The network reads waveforms: the spectrograms are only for the picture.
    whole = 1000 * length / rate
    state = {"rate": np.array([float(rate)])}
    step = LogMel(window=min(25.0, whole), hop=min(10.0, whole)).restore(None, state)
    flat = step.apply(changed.reshape(n * epochs, length, -1))
    return Sounds(rate, step.apply(originals), flat.reshape(n, epochs, *flat.shape[1:]))
