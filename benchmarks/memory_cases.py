"""The trainings of which the memory is measured: a spec and its data for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = tuple[NDArray[Any], NDArray[Any]]
CLASSES = 10
_SPEC = """\
name: {name}
data:
  source: {{npz: {{path: {name}.npz}}}}
  split: {{validation: 0.2}}
  preprocess: []
  batch_size: {batch}
model:
{model}
loss: cross_entropy
optimizer: {optimizer}
epochs: 2
{more}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A training.

    Attributes:
        name: in the table.
        model: layers, one per line.
        data: makes inputs and classes.
        batch: samples per step.
        optimizer: of the spec.
        more: further lines of the spec.
    """

    name: str
    model: tuple[str, ...]
    data: Callable[[], Arrays]
    batch: int = 64
    optimizer: str = "adam"
    more: str = ""

    def write(self, folder: Path) -> Path:
        """Write data and spec; returns the spec."""
        inputs, classes = self.data()
        np.savez(folder / f"{self.name}.npz", x=inputs, y=classes)
        path = folder / f"{self.name}.yaml"
        model = "\n".join(f"  - {layer}" for layer in self.model)
        path.write_text(
            _SPEC.format(
                name=self.name,
                batch=self.batch,
                model=model,
                optimizer=self.optimizer,
                more=self.more,
            )
        )
        return path


def _floats(*shape: int) -> Callable[[], Arrays]:
    def make() -> Arrays:
        random = np.random.default_rng(1)
        inputs = random.standard_normal(shape, np.float32)
        return inputs, np.arange(shape[0]) % CLASSES

    return make


def _tokens(samples: int, length: int, count: int) -> Callable[[], Arrays]:
    def make() -> Arrays:
        random = np.random.default_rng(1)
        return random.integers(0, count, (samples, length)), np.arange(samples) % CLASSES

    return make


_WIDE = ("dense: 3000", "relu", "dense: 3000", "relu", "dense: 10")
_CONVOLUTIONS = ("conv: 32", "relu", "conv: 32", "relu", "max_pool", "conv: 64", "relu")
_BLOCK = (
    "residual: {layers: [layer_norm, multi_head_attention: {heads: 4}]}",
    "residual: {layers: [layer_norm, dense: 512, gelu, dense: 128]}",
)
SMALL = Case("before", ("dense: 512", "relu", "dense: 512", "dense: 10"), _floats(640, 512))
"""Trained before each of them, so that the libraries have the memory that they keep."""

CASES = (
    Case("mlp-3000-adam", _WIDE, _floats(640, 100)),
    Case("mlp-3000-sgd", _WIDE, _floats(640, 100), optimizer="{sgd: {lr: 0.01}}"),
    Case(
        "mlp-3000-average",
        _WIDE,
        _floats(640, 100),
        more="average: ema\naccumulate: 2\nearly_stopping: {patience: 5}",
    ),
    Case(
        "embedding",
        ("embedding: {units: 64, tokens: 200000}", "mean_over_time", "dense: 10"),
        _tokens(640, 20, 200_000),
    ),
    Case(
        "cnn",
        (*_CONVOLUTIONS, "flatten", "dense: 256", "relu", "dense: 10"),
        _floats(640, 32, 32, 3),
        batch=128,
    ),
    Case("lstm", ("lstm: 256", "dense: 10"), _floats(640, 50, 64)),
    Case(
        "transformer",
        ("dense: 128", *_BLOCK, *_BLOCK, "mean_over_time", "dense: 10"),
        _floats(640, 64, 32),
    ),
    Case("small", ("dense: 64", "relu", "dense: 10"), _floats(640, 100)),
)
