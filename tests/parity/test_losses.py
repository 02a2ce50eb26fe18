"""Values and gradients of the losses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layers.base import Tensor
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

Peer = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

random = np.random.default_rng(4)
WEIGHTS = (0.5, 2.0, 0.1, 1.5)


def outputs(*shape: int) -> np.ndarray:
    return random.normal(0, 5, shape)


def codes(classes: int, *shape: int) -> np.ndarray:
    return random.integers(0, classes, shape)


def shares(*shape: int) -> np.ndarray:
    return random.dirichlet(np.ones(shape[-1]), shape[:-1])


def labels(*shape: int) -> np.ndarray:
    return codes(2, *shape).astype(np.float64)


def weighted(x: torch.Tensor, t: torch.Tensor, smoothing: float = 0.0) -> torch.Tensor:
    """A sum over the batch: torch divides by the sum of the weights, we by the batch."""
    w = torch.tensor(WEIGHTS, dtype=x.dtype)
    total = F.cross_entropy(x, t, weight=w, label_smoothing=smoothing, reduction="sum")
    return total / len(x)


def focal(x: torch.Tensor, t: torch.Tensor, gamma: float, alpha: torch.Tensor) -> torch.Tensor:
    logs = x.log_softmax(-1).gather(-1, t[..., None])[..., 0]
    return (-alpha[t] * (1 - logs.exp()) ** gamma * logs).mean()


def binary_focal(x: torch.Tensor, t: torch.Tensor, gamma: float, alpha: float) -> torch.Tensor:
    p, ce = x.sigmoid(), F.binary_cross_entropy_with_logits(x, t, reduction="none")
    right = p * t + (1 - p) * (1 - t)
    return ((alpha * t + (1 - alpha) * (1 - t)) * (1 - right) ** gamma * ce).mean()


def hinge(x: torch.Tensor, t: torch.Tensor, margin: float, power: int) -> torch.Tensor:
    others = x.masked_fill(F.one_hot(t, x.shape[-1]).bool(), -torch.inf)
    right = x.gather(-1, t[..., None])[..., 0]
    return (margin - right + others.max(-1).values).clamp(min=0).pow(power).mean()


CASES: dict[str, tuple[Loss, np.ndarray, np.ndarray, Peer]] = {
    "cross_entropy": (CrossEntropy(), outputs(6, 4), codes(4, 6), F.cross_entropy),
    "cross_entropy at each time": (
        CrossEntropy(),
        outputs(6, 5, 4),
        codes(4, 6, 5),
        lambda x, t: F.cross_entropy(x.transpose(1, 2), t),
    ),
    "cross_entropy, smoothed": (
        CrossEntropy(label_smoothing=0.1),
        outputs(6, 4),
        codes(4, 6),
        lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1),
    ),
    "cross_entropy, weighted": (
        CrossEntropy(weights=WEIGHTS),
        outputs(6, 4),
        codes(4, 6),
        weighted,
    ),
    "cross_entropy, smoothed and weighted": (
        CrossEntropy(label_smoothing=0.2, weights=WEIGHTS),
        outputs(6, 4),
        codes(4, 6),
        lambda x, t: weighted(x, t, 0.2),
    ),
    "cross_entropy of shares": (CrossEntropy(), outputs(6, 4), shares(6, 4), F.cross_entropy),
    "cross_entropy of shares, smoothed and weighted": (
        CrossEntropy(label_smoothing=0.2, weights=WEIGHTS),
        outputs(6, 4),
        shares(6, 4),
        lambda x, t: weighted(x, t, 0.2),
    ),
    "binary_cross_entropy": (
        BinaryCrossEntropy(),
        outputs(7, 1),
        codes(2, 7),
        lambda x, t: F.binary_cross_entropy_with_logits(x[:, 0], t.to(x.dtype)),
    ),
    "binary_cross_entropy of labels": (
        BinaryCrossEntropy(),
        outputs(7, 3),
        labels(7, 3),
        F.binary_cross_entropy_with_logits,
    ),
    "binary_cross_entropy, weighted": (
        BinaryCrossEntropy(positive_weight=(0.5, 2.0, 4.0)),
        outputs(7, 3),
        labels(7, 3),
        lambda x, t: F.binary_cross_entropy_with_logits(
            x, t, pos_weight=torch.tensor((0.5, 2.0, 4.0), dtype=x.dtype)
        ),
    ),
    "mse": (MeanSquaredError(), outputs(5, 3), outputs(5, 3), F.mse_loss),
    "mse of images": (MeanSquaredError(), outputs(5, 4, 4, 2), outputs(5, 4, 4, 2), F.mse_loss),
    "mae": (MeanAbsoluteError(), outputs(5, 3), outputs(5, 3), F.l1_loss),
    "huber": (
        Huber(delta=2.5),
        outputs(5, 3),
        outputs(5, 3),
        lambda x, t: F.huber_loss(x, t, delta=2.5),
    ),
    "hinge": (
        Hinge(),
        outputs(8, 4),
        codes(4, 8),
        lambda x, t: hinge(x, t, 1.0, 1),
    ),
    "hinge, squared": (
        Hinge(margin=3.0, squared=True),
        outputs(8, 2, 4),
        codes(4, 8, 2),
        lambda x, t: hinge(x, t, 3.0, 2),
    ),
    "hinge of two classes": (
        Hinge(margin=0.7),
        outputs(8, 2),
        codes(2, 8),
        # Divided by the classes, of which one has no part in the loss.
        lambda x, t: 2 * F.multi_margin_loss(x, t, margin=0.7),
    ),
    "binary_hinge": (
        BinaryHinge(margin=2.0),
        outputs(9, 1),
        codes(2, 9),
        # For targets of -1 it is max(0, margin - x); for 1 it is x.
        lambda x, t: F.hinge_embedding_loss(
            torch.where(t == 1, x[:, 0], -x[:, 0]), torch.full((9,), -1), margin=2.0
        ),
    ),
    "binary_hinge of labels, squared": (
        BinaryHinge(squared=True),
        outputs(7, 3),
        labels(7, 3),
        lambda x, t: (1 - (2 * t - 1) * x).clamp(min=0).square().mean(),
    ),
    "focal": (
        Focal(gamma=1.5, alpha=WEIGHTS),
        outputs(6, 4),
        codes(4, 6),
        lambda x, t: focal(x, t, 1.5, torch.tensor(WEIGHTS, dtype=x.dtype)),
    ),
    "binary_focal": (
        BinaryFocal(alpha=0.25),
        outputs(7, 3),
        labels(7, 3),
        lambda x, t: binary_focal(x, t, 2.0, 0.25),
    ),
    "kl_divergence": (
        KLDivergence(),
        outputs(6, 4),
        shares(6, 4),
        lambda x, t: F.kl_div(x.log_softmax(-1), t, reduction="batchmean"),
    ),
}


def test_every_loss_of_the_catalog_has_a_peer() -> None:
    from dlrun import catalog

    catalog.load()

    assert {loss.kind for loss, *_ in CASES.values()} == set(catalog.Loss.family)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_torch(name: str, dtype: str, tolerance: float) -> None:
    loss, outputs, targets, peer = CASES[name]
    outputs = outputs.astype(dtype)
    if targets.dtype.kind == "f":
        targets = targets.astype(dtype)
    x = torch.tensor(outputs, requires_grad=True)
    theirs = peer(x, torch.tensor(targets))
    theirs.backward()
    grad = np.full_like(outputs, np.nan)
    ours = loss.bind(Tensor(outputs, grad), targets, numpy_kernels())()
    assert ours == pytest.approx(theirs.item(), rel=tolerance)
    np.testing.assert_allclose(grad, x.grad.numpy(), rtol=tolerance, atol=tolerance * 1e-2)
