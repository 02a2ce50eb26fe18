"""Losses in float32 against PyTorch in float64, where a network is sure, right and wrong.

The error is held to the value itself: a loss of 1e-9 has as many digits as one of 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as f

from dlrun.nn.kernels import Kernels, numba_kernels, numpy_kernels
from dlrun.nn.layers.base import Tensor
from dlrun.nn.losses.base import Loss
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.binary_focal import BinaryFocal
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.focal import Focal
from dlrun.nn.losses.kl_divergence import KLDivergence

Array = np.ndarray
Peer = Callable[[Any, Any], Any]

MAKES = pytest.mark.parametrize("make", [numpy_kernels, numba_kernels], ids=["numpy", "numba"])
GAPS = np.array([-100, -85, -40, -20, -17, -8, -1e-3, 0, 0.5, 3, 8, 15, 17, 20, 30, 60, 85, 100])
WEIGHTS = (0.5, 2.0, 1.5)


def against(x: Any) -> Any:
    """How far each class is behind all others: log (1 - p) / p, with no number near 1."""
    others = x[:, None, :].expand(-1, x.shape[1], -1)
    itself = torch.eye(x.shape[1], dtype=torch.bool)
    return others.masked_fill(itself, -torch.inf).logsumexp(-1) - x


def of(x: Any, codes: Any) -> Any:
    return against(x).gather(1, codes[:, None])[:, 0]


def focal(z: Any, gamma: float) -> Any:
    return torch.sigmoid(z) ** gamma * far(z)


def far(z: Any) -> Any:
    """log(1 + exp(z)) of all z."""
    return f.softplus(z, threshold=1e9)


def binary(x: Any, t: Any, weight: float = 1.0) -> Any:
    return (weight * t * far(-x) + (1 - t) * far(x)).mean()


def binary_focal(x: Any, t: Any) -> Any:
    return (0.25 * t * focal(-x, 2.0) + 0.75 * (1 - t) * focal(x, 2.0)).mean()


CLASSES: dict[str, tuple[Loss, Peer]] = {
    "cross_entropy": (CrossEntropy(), lambda x, t: far(of(x, t)).mean()),
    "weighted": (
        CrossEntropy(weights=WEIGHTS),
        lambda x, t: (torch.tensor(WEIGHTS)[t] * far(of(x, t))).mean(),
    ),
    "focal": (Focal(), lambda x, t: focal(of(x, t), 2.0).mean()),
    "focal of a root": (Focal(gamma=0.5), lambda x, t: focal(of(x, t), 0.5).mean()),
}
LABELS: dict[str, tuple[Loss, Peer]] = {
    "binary_cross_entropy": (BinaryCrossEntropy(), binary),
    "weighted": (BinaryCrossEntropy(positive_weight=3.0), lambda x, t: binary(x, t, 3.0)),
    "binary_focal": (BinaryFocal(alpha=0.25), binary_focal),
}


def compare(make: Callable[[], Kernels], loss: Loss, x: Array, t: Array, peer: Peer) -> None:
    """Value and gradient, each sample by itself."""
    for row in range(len(x)):
        given = x[row : row + 1].astype(np.float32)
        grad = np.full_like(given, np.nan)
        target = t[row : row + 1]
        own = target if target.dtype.kind == "i" else target.astype(np.float32)
        found = loss.bind(Tensor(given, grad), own, make())()
        truth = torch.tensor(given.astype(np.float64), requires_grad=True)
        expected = peer(truth, torch.tensor(target))
        expected.backward()
        assert truth.grad is not None
        close: dict[str, float] = {"rtol": 2e-5, "atol": 1e-35}
        np.testing.assert_allclose(found, expected.item(), **close)
        np.testing.assert_allclose(grad, truth.grad.numpy(), **close)


@MAKES
@pytest.mark.parametrize("name", CLASSES)
def test_classes(make: Callable[[], Kernels], name: str) -> None:
    x = np.concatenate([np.stack([GAPS, 0 * GAPS, GAPS / 3 - 1], 1)] * 3)
    compare(make, CLASSES[name][0], x, np.repeat([0, 1, 2], len(GAPS)), CLASSES[name][1])


@MAKES
@pytest.mark.parametrize("name", LABELS)
def test_labels(make: Callable[[], Kernels], name: str) -> None:
    x = np.stack([GAPS, GAPS[::-1]], 1)
    t = np.stack([np.arange(len(GAPS)) % 2, np.ones(len(GAPS))], 1)
    for targets in (t, 1 - t):
        compare(make, LABELS[name][0], x, targets, LABELS[name][1])


@MAKES
def test_what_is_nearly_the_distribution_is_nearly_no_divergence(
    make: Callable[[], Kernels],
) -> None:
    # A distribution that float32 holds, and outputs that are off by less and less.
    t = np.array([[0.5, 0.25, 0.25, 0.0]])
    for off in (1.0, 1e-2, 1e-4):
        x = np.array([[off, -np.log(2), -np.log(2), -100.0]])
        compare(
            make,
            KLDivergence(),
            x,
            t,
            lambda x, t: (torch.special.xlogy(t, t) + t * far(against(x))).sum(-1).mean(),
        )
