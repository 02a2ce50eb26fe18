"""Clipping and averages against torch's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.optim import swa_utils

from dlrun.data.batches.order import Batches, epoch_order
from dlrun.data.dataset import Dataset
from dlrun.nn.averages.base import Average, Averaged
from dlrun.nn.averages.ema import EMA
from dlrun.nn.averages.swa import SWA
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.base import Clock
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.dense import Dense
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.optimization.clip import Clip
from dlrun.training.running_statistics import estimate

random = np.random.default_rng(6)


def network() -> Network:
    graph = build_graph([Dense(units=300), BatchNorm(), ReLU(), Dense(units=2)], (400,))
    made = Network(graph, MeanSquaredError(), "float64", numpy_kernels())
    made.parameters.initialize(2, Normal(std=0.5))
    return made


@pytest.mark.parametrize("most", [3.0, 500.0, 1e6])
def test_gradients_are_clipped_by_their_norm(most: float) -> None:
    of = network()
    grads = of.parameters.grads
    grads[...] = random.normal(size=len(grads))
    their = torch.zeros(len(grads), dtype=torch.float64, requires_grad=True)
    their.grad = torch.tensor(grads)
    norm = torch.nn.utils.clip_grad_norm_([their], most)
    Clip(norm=most).bind(of)()
    np.testing.assert_allclose(grads, their.grad.numpy(), rtol=1e-10)
    assert np.linalg.norm(grads) == pytest.approx(min(most, float(norm)), rel=1e-6)


def test_gradients_are_clipped_by_value() -> None:
    of = network()
    grads = of.parameters.grads
    grads[...] = random.normal(size=len(grads))
    their = torch.zeros(len(grads), dtype=torch.float64, requires_grad=True)
    their.grad = torch.tensor(grads)
    torch.nn.utils.clip_grad_value_([their], 0.4)
    Clip(value=0.4).bind(of)()
    np.testing.assert_array_equal(grads, their.grad.numpy())
    assert np.abs(grads).max() == 0.4


@pytest.mark.parametrize("rule", [EMA(decay=0.9), SWA(start=6)])
def test_averages_are_torchs(rule: Average) -> None:
    of = network()
    values = of.parameters.values
    model = torch.nn.ParameterList([torch.tensor(values)])
    averager = swa_utils.get_ema_multi_avg_fn(0.9) if isinstance(rule, EMA) else None
    theirs = swa_utils.AveragedModel(model, multi_avg_fn=averager)
    ours = Averaged(rule, of)
    for count in range(1, 201):
        values += random.normal(size=len(values))
        with torch.no_grad():
            model[0].copy_(torch.tensor(values))
        ours.take_in(count)
        if isinstance(rule, EMA) or count >= 6:
            theirs.update_parameters(model)
        assert ours.begun == (int(theirs.n_averaged) > 0)
    expected = theirs.module[0].detach().numpy()
    np.testing.assert_allclose(ours.values, expected, rtol=1e-10, atol=1e-10)
    assert np.abs(ours.values - values).max() > 0.5


def test_statistics_are_estimated_as_torch_does() -> None:
    of = network()
    inputs = random.normal(size=(60, 400)) + 0.3
    data = Dataset(inputs=inputs, targets=np.zeros((60, 2)), task="regression")
    batches = Batches(data, 20)
    memory = of.training_plan(20, data.targets[:20].copy(), Clock()).memory
    trained = of.parameters.values[: len(of.parameters.grads)].copy()
    estimate(of, batches, seed=9, memory=memory)
    np.testing.assert_array_equal(of.parameters.values[: len(trained)], trained)

    ours = of.parameters.named()
    first = torch.nn.Linear(400, 300, dtype=torch.float64)
    first.weight.data = torch.tensor(ours["dense_1.kernel"].T)
    first.bias.data = torch.tensor(ours["dense_1.bias"])
    norm = torch.nn.BatchNorm1d(300, dtype=torch.float64)
    order = epoch_order(60, 9, 0)
    loader = [torch.tensor(inputs[order[i : i + 20]]) for i in (0, 20, 40)]
    swa_utils.update_bn(loader, torch.nn.Sequential(first, norm))
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None and variance is not None
    np.testing.assert_allclose(ours["batch_norm_1.mean"], mean.numpy(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(ours["batch_norm_1.variance"], variance.numpy(), rtol=1e-10)
