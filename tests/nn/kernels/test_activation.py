"""Activations and gates in float32, against float64, as far out as a logit of 100.

The error is held to the value itself, not to 1: what is nearly 0 has all of its digits too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as f

from dlrun.nn.kernels import Kernels, numba_kernels, numpy_kernels
from dlrun.nn.layers import activations as layers
from dlrun.nn.layers.base import Arrays, Context, Tensor

Array = np.ndarray

_EPS = float(np.finfo(np.float32).eps)
_TINY = 2e-36
"""About a hundred times the smallest number of float32 that has all digits."""

MAKES = pytest.mark.parametrize("make", [numpy_kernels, numba_kernels], ids=["numpy", "numba"])


def _tanh(x: Any) -> Any:
    far = torch.exp(-2 * x.abs())
    return torch.where(x.abs() < 0.1, torch.tanh(x), x.sign() * (1 - far) / (1 + far))


PEERS: list[tuple[layers.Activation, Callable[[Any], Any]]] = [
    (layers.Sigmoid(), lambda x: torch.exp(-f.softplus(-x, threshold=1e9))),
    (layers.Tanh(), _tanh),
    (layers.Softplus(), lambda x: f.softplus(x, threshold=1e9)),
    (layers.SiLU(), f.silu),
    (layers.Mish(), f.mish),
    (layers.ELU(alpha=1.3), lambda x: f.elu(x, 1.3)),
    (layers.SELU(), f.selu),
    (layers.GELU(), lambda x: 0.5 * x * torch.special.erfc(-x * 0.5**0.5)),
    # Written with the sigmoid: in float64 1 + tanh is 0 far on the left.
    (
        layers.GELU(approximate="tanh"),
        lambda x: x * torch.sigmoid(2 * (2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)),
    ),
]
IDS = [f"{layer.kind}{number}" for number, (layer, _) in enumerate(PEERS)]


def logits() -> Array:
    """From -100 to 100, close together about 0."""
    far = np.linspace(-100.0, 100.0, 4001)
    near = np.geomspace(1e-6, 10.0, 400)
    return np.concatenate([far, near, -near]).astype(np.float32)


FROM_Y = layers.Sigmoid, layers.Tanh, layers.ELU, layers.SELU
"""Their slopes are exact to the last places of 1, not to their own."""


def conditioned(value: Array, slope: Array, x: Array) -> Array:
    """What rounding x by itself does to a value, and the value's own last places."""
    return 4 * _EPS * (np.abs(value) + np.abs(slope * x)) + _TINY


@MAKES
@pytest.mark.parametrize(("layer", "peer"), PEERS, ids=IDS)
def test_small_values_have_their_digits_and_small_slopes_where_x_is_kept(
    make: Callable[[], Kernels], layer: layers.Activation, peer: Callable[[Any], Any]
) -> None:
    x = logits()
    truth = torch.tensor(x.astype(np.float64), requires_grad=True)
    out = peer(truth)
    (slope,) = torch.autograd.grad(out.sum(), truth, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), truth)

    y, dx = np.empty_like(x), np.empty_like(x)
    p: dict[str, Tensor] = {}
    s: Arrays = {}
    given = Tensor(x, dx), Tensor(y, np.ones_like(x))
    bound = layer.bind(*given, p, s, Context(training=True, kernels=make()))
    bound.forward()
    assert bound.backward is not None
    bound.backward()

    value, first, second = (each.detach().numpy() for each in (out, slope, bend))
    assert (np.abs(y - value) <= conditioned(value, first, x)).all()
    shared = 4 * _EPS if isinstance(layer, FROM_Y) else 0.0
    assert (np.abs(dx - first) <= conditioned(first, second, x) + shared).all()
    assert layer.keeps == ("y" if isinstance(layer, FROM_Y) else "x")


@MAKES
def test_closed_gates_are_not_shut(make: Callable[[], Kernels]) -> None:
    units, far = 60, np.linspace(-80.0, 80.0, 60).astype(np.float32)
    k, rows = make().recurrent, (1, units)
    state, cell = np.empty(rows, np.float32), np.empty(rows, np.float32)
    closed = 1 / (1 + np.exp(-far.astype(np.float64)))

    one = np.ones(rows, np.float32)
    gates = np.concatenate([np.full(units, -200, np.float32), far, 0 * far, far])[None]
    k.lstm(gates, 0 * gates, np.zeros(4 * units, np.float32), 0 * one, one, None, state, cell)
    np.testing.assert_allclose(cell[0], closed, rtol=1e-6)  # what is forgotten
    np.testing.assert_allclose(state[0], closed * np.tanh(closed), rtol=2e-6, atol=_TINY)

    # With n = 0 the state that was 1 is z.
    gates = np.concatenate([0 * far, 0 * far, far, 0 * far])[None]
    bias = np.zeros(3 * units, np.float32)
    k.gru(gates, np.zeros((1, 3 * units), np.float32), bias, 0 * far, one, None, state)
    np.testing.assert_allclose(state[0], closed, rtol=1e-6)
