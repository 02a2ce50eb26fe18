"""Values and gradients of the losses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.mse import MeanSquaredError

random = np.random.default_rng(4)
CASES = {
    "cross_entropy": (
        CrossEntropy(),
        random.normal(0, 5, (6, 4)),
        random.integers(0, 4, 6),
        lambda x, t: F.cross_entropy(x, t),
    ),
    "binary_cross_entropy": (
        BinaryCrossEntropy(),
        random.normal(0, 5, (7, 1)),
        random.integers(0, 2, 7),
        lambda x, t: F.binary_cross_entropy_with_logits(x[:, 0], t.double()),
    ),
    "mse": (
        MeanSquaredError(),
        random.normal(0, 5, (5, 3)),
        random.normal(0, 5, (5, 3)),
        lambda x, t: F.mse_loss(x, t),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_torch(name: str) -> None:
    loss, outputs, targets, peer = CASES[name]
    x = torch.tensor(outputs, requires_grad=True)
    theirs = peer(x, torch.tensor(targets))
    theirs.backward()
    grad = np.full_like(outputs, np.nan)
    ours = loss.bind(Tensor(outputs, grad), targets, numpy_kernels())()
    assert ours == pytest.approx(theirs.item(), rel=1e-12)
    np.testing.assert_allclose(grad, x.grad.numpy(), rtol=1e-10, atol=1e-14)
