"""One table of losses that drives every test that all losses must pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.nn.losses.base import Loss
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.binary_focal import BinaryFocal
from dlrun.nn.losses.binary_hinge import BinaryHinge
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.focal import Focal
from dlrun.nn.losses.hinge import Hinge
from dlrun.nn.losses.huber import Huber
from dlrun.nn.losses.kl_divergence import KLDivergence
from dlrun.nn.losses.mae import MeanAbsoluteError
from dlrun.nn.losses.mse import MeanSquaredError


@dataclass(frozen=True)
class Case:
    """A loss with outputs and targets of a batch, float64."""

    loss: Loss
    outputs: np.ndarray
    targets: np.ndarray


_random = np.random.default_rng(4)


def _outputs(*shape: int) -> np.ndarray:
    return _random.normal(0, 3, shape)


def _codes(classes: int, *shape: int) -> np.ndarray:
    return _random.integers(0, classes, shape)


def _shares(*shape: int) -> np.ndarray:
    return _random.dirichlet(np.ones(shape[-1]), shape[:-1])


def _labels(*shape: int) -> np.ndarray:
    return _random.integers(0, 2, shape).astype(np.float64)


_WEIGHTS = (0.5, 2.0, 0.0, 1.5)

# Every loss, over the shapes and settings that take other paths.
CASES = [
    Case(CrossEntropy(), _outputs(6, 4), _codes(4, 6)),
    Case(CrossEntropy(), _outputs(6, 5, 4), _codes(4, 6, 5)),
    Case(CrossEntropy(), _outputs(6, 4), _shares(6, 4)),
    Case(CrossEntropy(label_smoothing=0.1), _outputs(6, 4), _codes(4, 6)),
    Case(CrossEntropy(weights=_WEIGHTS), _outputs(6, 4), _codes(4, 6)),
    Case(CrossEntropy(label_smoothing=0.3, weights=_WEIGHTS), _outputs(6, 4), _shares(6, 4)),
    Case(CrossEntropy(label_smoothing=0.3, weights=_WEIGHTS), _outputs(6, 2, 4), _codes(4, 6, 2)),
    Case(BinaryCrossEntropy(), _outputs(7, 1), _codes(2, 7)),
    Case(BinaryCrossEntropy(), _outputs(7, 3, 1), _codes(2, 7, 3)),
    Case(BinaryCrossEntropy(), _outputs(7, 1), _shares(7, 2)),
    Case(BinaryCrossEntropy(), _outputs(7, 3), _labels(7, 3)),
    Case(BinaryCrossEntropy(positive_weight=2.5), _outputs(7, 1), _codes(2, 7)),
    Case(BinaryCrossEntropy(positive_weight=(0.5, 2.0, 4.0)), _outputs(7, 3), _labels(7, 3)),
    Case(MeanSquaredError(), _outputs(5, 3), _outputs(5, 3)),
    Case(MeanSquaredError(), _outputs(5, 4, 4, 2), _outputs(5, 4, 4, 2)),
    Case(MeanAbsoluteError(), _outputs(5, 3), _outputs(5, 3)),
    Case(MeanAbsoluteError(), _outputs(5, 2, 3), _outputs(5, 2, 3)),
    Case(Huber(), _outputs(5, 3), _outputs(5, 3)),
    Case(Huber(delta=2.5), _outputs(5, 2, 3), _outputs(5, 2, 3)),
    Case(Hinge(), _outputs(6, 4), _codes(4, 6)),
    Case(Hinge(margin=3.0, squared=True), _outputs(6, 3, 4), _codes(4, 6, 3)),
    Case(Hinge(margin=2.0), _outputs(6, 4), _shares(6, 4)),
    Case(BinaryHinge(), _outputs(7, 1), _codes(2, 7)),
    Case(BinaryHinge(margin=2.0, squared=True), _outputs(7, 3), _labels(7, 3)),
    Case(Focal(), _outputs(6, 4), _codes(4, 6)),
    Case(Focal(gamma=0.5, alpha=_WEIGHTS), _outputs(6, 3, 4), _codes(4, 6, 3)),
    Case(Focal(gamma=1.0), _outputs(6, 4), _shares(6, 4)),
    Case(BinaryFocal(), _outputs(7, 1), _codes(2, 7)),
    Case(BinaryFocal(gamma=0.7, alpha=0.25), _outputs(7, 3), _labels(7, 3)),
    Case(KLDivergence(), _outputs(6, 4), _shares(6, 4)),
    Case(KLDivergence(), _outputs(6, 3, 4), _shares(6, 3, 4)),
    Case(KLDivergence(), _outputs(4, 3), np.eye(4, 3) + np.array([0, 0, 0, 1])[:, None] / 3),
]

IDS = [f"{case.loss.kind}-{number}" for number, case in enumerate(CASES)]
