"""Gains, widths, bounds and structures of torch.nn.init."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import init as peer

from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.constant import Constant
from dlrun.nn.initializers.he import HeNormal, HeUniform
from dlrun.nn.initializers.identity import Identity
from dlrun.nn.initializers.orthogonal import Orthogonal
from dlrun.nn.initializers.sparse import Sparse
from dlrun.nn.initializers.truncated_normal import TruncatedNormal
from dlrun.nn.initializers.xavier import XavierNormal, XavierUniform
from dlrun.nn.layers.activations import LeakyReLU, ReLU
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.rng import Stream, generator

Fill = Callable[[torch.Tensor], object]

CASES: dict[str, tuple[Initializer, Fill]] = {
    "xavier_normal": (XavierNormal(gain=1.3), lambda w: peer.xavier_normal_(w, gain=1.3)),
    "xavier_uniform": (XavierUniform(), peer.xavier_uniform_),
    "he_normal": (HeNormal(), lambda w: peer.kaiming_normal_(w, nonlinearity="relu")),
    "he_normal, fan_out": (
        HeNormal(mode="fan_out"),
        lambda w: peer.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
    ),
    "he_uniform of leaky_relu": (
        HeUniform(gain=LeakyReLU(negative_slope=0.4).needed_gain()),
        lambda w: peer.kaiming_uniform_(w, a=0.4),
    ),
    "truncated_normal": (
        TruncatedNormal(std=0.5, cut=1.5),
        lambda w: peer.trunc_normal_(w, std=0.5, a=-0.75, b=0.75),
    ),
    "orthogonal": (Orthogonal(gain=2.0), lambda w: peer.orthogonal_(w, gain=2.0)),
    "constant": (Constant(value=0.3), lambda w: peer.constant_(w, 0.3)),
}


@pytest.mark.parametrize("conv", [False, True], ids=["dense", "conv"])
@pytest.mark.parametrize("name", CASES)
def test_width_and_bounds_are_those_of_torch(name: str, conv: bool) -> None:
    rule, fill = CASES[name]
    layer = Conv(filters=60, kernel=(3, 5)) if conv else Dense(units=300)
    declared = layer.parameters((20, 20, 30) if conv else (200,))["kernel"]
    ours = rule.sample(generator(1, Stream.INIT), declared.shape, declared.fan_in, declared.fan_out)
    torch.manual_seed(0)
    theirs = torch.empty((60, 30, 3, 5) if conv else (300, 200), dtype=torch.float64)
    fill(theirs)
    # Two samples of n numbers: 5 times the standard error of the difference.
    assert ours.std() == pytest.approx(theirs.numpy().std(), rel=7 / math.sqrt(ours.size))
    if "uniform" in name or "truncated" in name or name == "constant":
        assert np.abs(ours).max() == pytest.approx(theirs.abs().max().item(), rel=2e-3)


def test_gains_of_rectifiers_are_those_of_torch() -> None:
    assert ReLU().needed_gain() == pytest.approx(peer.calculate_gain("relu"))
    for slope in (0.01, 0.2, 0.9):
        ours = LeakyReLU(negative_slope=slope).needed_gain()
        assert ours == pytest.approx(peer.calculate_gain("leaky_relu", slope))


@pytest.mark.parametrize("shape", [(3, 3, 4, 4), (5, 3, 2, 6), (1, 1, 6, 3)])
def test_a_convolution_that_passes_on_is_that_of_torch(shape: tuple[int, ...]) -> None:
    ours = Identity().sample(generator(0, Stream.INIT), shape, 1, 1)
    theirs = torch.empty(shape[3], shape[2], *shape[:2])
    peer.dirac_(theirs)
    np.testing.assert_array_equal(ours, theirs.numpy().transpose(2, 3, 1, 0))


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6)])
def test_an_identity_is_that_of_torch(shape: tuple[int, int]) -> None:
    ours = Identity().sample(generator(0, Stream.INIT), shape, 1, 1)
    np.testing.assert_array_equal(ours, peer.eye_(torch.empty(shape)).numpy())


@pytest.mark.parametrize("sparsity", [0.1, 0.33, 0.9])
def test_as_many_zeros_as_in_torch(sparsity: float) -> None:
    ours = Sparse(sparsity=sparsity).sample(generator(0, Stream.INIT), (37, 20), 1, 1)
    theirs = peer.sparse_(torch.empty(37, 20), sparsity=sparsity).numpy()
    np.testing.assert_array_equal((ours == 0).sum(axis=0), (theirs == 0).sum(axis=0))
