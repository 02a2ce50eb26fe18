"""Batch normalization whose averages are left alone: frozen ones, and those of one sample."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from layer_cases import bench

from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.losses.mse import MeanSquaredError


def test_frozen_averages_stay_and_training_is_evaluation() -> None:
    training, evaluating = (
        bench(BatchNorm(frozen=True), (3, 4), training=t) for t in (True, False)
    )
    averages = [training.parameters[name].value.copy() for name in ("mean", "variance")]
    training.bound.forward()
    evaluating.bound.forward()
    np.testing.assert_array_equal(training.y.value, evaluating.y.value)
    for before, name in zip(averages, ("mean", "variance"), strict=True):
        np.testing.assert_array_equal(before, training.parameters[name].value)


def test_what_is_not_frozen_moves() -> None:
    of = bench(BatchNorm(), (3, 4))
    before = of.parameters["mean"].value.copy()
    of.bound.forward()
    assert (before != of.parameters["mean"].value).all()


def network(layers: list[Layer], shape: tuple[int, ...]) -> Network:
    found = Network(build_graph(layers, shape), MeanSquaredError(), dtype="float64", threads=1)
    found.parameters.initialize(3, Normal(std=0.5))
    return found


def test_one_sample_is_normalized_by_the_averages_and_leaves_them() -> None:
    random = np.random.default_rng(2)
    own = network([Dense(units=6), BatchNorm(), ReLU(), Dense(units=2)], (4,))
    named = own.parameters.named()
    named["batch_norm_1.mean"][...] = random.normal(size=6)
    named["batch_norm_1.variance"][...] = random.uniform(1, 2, 6)
    before = {name: values.copy() for name, values in named.items()}
    x, t = random.normal(size=(1, 4)), random.normal(size=(1, 2))
    plan = own.training_plan(1, t, Clock())
    plan.input[...] = x
    plan.forward()
    plan.loss()
    plan.backward()

    given = {name: torch.tensor(values, requires_grad=True) for name, values in before.items()}
    h = torch.tensor(x) @ given["dense_1.kernel"] + given["dense_1.bias"]
    h = torch.nn.functional.batch_norm(
        h,
        given["batch_norm_1.mean"].detach(),
        given["batch_norm_1.variance"].detach(),
        given["batch_norm_1.scale"],
        given["batch_norm_1.shift"],
        training=False,
    ).relu()
    y = h @ given["dense_2.kernel"] + given["dense_2.bias"]
    torch.nn.functional.mse_loss(y, torch.tensor(t)).backward()
    np.testing.assert_allclose(plan.output, y.detach().numpy(), rtol=1e-12)
    grads = np.zeros_like(own.parameters.values)
    grads[: len(own.parameters.grads)] = own.parameters.grads
    for name, grad in own.parameters.named(grads).items():
        if given[name].grad is not None:
            np.testing.assert_allclose(grad, given[name].grad.numpy(), rtol=1e-10, atol=1e-14)
        np.testing.assert_array_equal(named[name], before[name])


@pytest.mark.parametrize("batch", [1, 2])
def test_one_image_has_a_variance(batch: int) -> None:
    own = network([Conv(filters=3), BatchNorm(), Flatten(), Dense(units=1)], (4, 4, 1))
    before = own.parameters.named()["batch_norm_1.variance"].copy()
    plan = own.training_plan(batch, np.zeros((batch, 1)), Clock())
    plan.input[...] = np.random.default_rng(0).normal(size=plan.input.shape)
    plan.forward()
    assert (own.parameters.named()["batch_norm_1.variance"] != before).all()
