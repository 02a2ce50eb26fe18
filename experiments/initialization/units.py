"""How different the units of a hidden layer are in the course of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.experiment.compile import compile_spec
from dlrun.training.events import EpochEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop


@dataclass(frozen=True, slots=True)
class Moment:
    """The units of a layer at the end of an epoch.

    Attributes:
        epoch: from 0, before the first step.
        loss: on the training set, in this epoch; NaN before the first.
        rank: effective rank of the layer's kernel, from 0 to the number of units.
        spread: see ``spread``.
    """

    epoch: int
    loss: float
    rank: float
    spread: float


def effective_rank(matrix: Array) -> float:
    """The exponential of the entropy of the singular values; 0 for a matrix of zeros.

    It is n for n equal singular values, and counts small ones less (Roy & Vetterli, "The effective
    rank: a measure of effective dimensionality", EUSIPCO 2007).
    """
    values = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    total = values.sum()
    if total == 0.0:
        return 0.0
    shares = values / total
    shares = shares[shares > 0]
    return float(np.exp(-np.sum(shares * np.log(shares))))


def spread(kernel: Array) -> float:
    """The standard deviation between units, relative to the root mean square of the weights.

    0 if all units have equal weights, about 1 if the weights are independent.

    Args:
        kernel: (inputs, units).
    """
    exact = kernel.astype(np.float64)
    size = float(np.sqrt(np.mean(exact**2)))
    return float(np.sqrt(np.mean(np.var(exact, axis=1)))) / size if size else 0.0


def watch_units(spec: Path, settings: Mapping[str, Any], layer: str) -> list[Moment]:
    """Train a spec, without a run directory, and describe a layer after every epoch.

    Args:
        spec: the file.
        settings: values that replace those of keys.
        layer: name of a dense layer.
    """
    session = Session(compile_spec(spec, settings))
    kernel = session.network.parameters.named()[f"{layer}.kernel"]
    moments = [Moment(0, float("nan"), effective_rank(kernel), spread(kernel))]
    for event in session.run(Stop()):
        if isinstance(event, EpochEnded):
            loss = float(event.row["train.loss"])
            moments.append(Moment(event.epoch, loss, effective_rank(kernel), spread(kernel)))
    return moments
