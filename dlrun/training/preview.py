"""What augmentations make of some samples, and how fast they make it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
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
        names: of their classes, or their targets where these are single numbers; None where a
            target is neither.
        originals: (n, *sample shape), as the source gives them, but for images, whose values are
            brought to 0 to 1; texts are (n,).
        augmented: (n, epochs, *sample shape), the same ones in the first epochs of training.
        rate: augmented and preprocessed samples a second, on one thread.
        sounds: spectrograms of them where they are waveforms.
    """

    names: tuple[str, ...] | None
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
    """Augment samples of the training set as training will: the first ones of each class in turn.

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
    """Rows: the first of each class, then the second of each, and so on; else all in order."""
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
    # A network that reads waveforms: spectrograms for the eye alone.
    whole = 1000 * length / rate
    state = {"rate": np.array([float(rate)])}
    step = LogMel(window=min(25.0, whole), hop=min(10.0, whole)).restore(None, state)
    flat = step.apply(changed.reshape(n * epochs, length, -1))
    return Sounds(rate, step.apply(originals), flat.reshape(n, epochs, *flat.shape[1:]))
