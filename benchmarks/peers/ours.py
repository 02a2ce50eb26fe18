"""dlrun, as its training loop calls it: the only file here that imports its engine."""

from __future__ import annotations

import os

import numpy as np
from threadpoolctl import threadpool_limits

import dlrun
from benchmarks import layers as described
from benchmarks.peers.peer import Predict, Train
from benchmarks.works import BATCHES, LEARNING_RATE, Array, Weights, Work
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.layers.activations import GELU, ReLU
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.over_time import MeanOverTime
from dlrun.nn.layers.pool import GlobalAveragePool, MaxPool
from dlrun.nn.layers.residual import Residual
from dlrun.nn.layers.sample_norm import LayerNorm
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.optimizers.adam import Adam


class Ours:
    """dlrun; its threads are those of DLRUN_THREADS.

    Args:
        compiled: use Numba's kernels whatever the size of the network.
    """

    version = dlrun.__version__

    def __init__(self, compiled: bool) -> None:
        if compiled:
            os.environ["DLRUN_KERNELS"] = "numba"
        # As in dlrun.training.session: dlrun uses its own threads, BLAS uses one.
        self._limits = threadpool_limits(1, "blas")

    def trainer(self, work: Work, weights: Weights, inputs: Array, classes: Array) -> Train:
        """A plan and an updater; copying a batch into the plan is part of a step."""
        return trained(network_of(work, weights), work, inputs, classes)

    def predictor(self, work: Work, weights: Weights, inputs: Array) -> Predict:
        """The call that ``Run.predict`` makes after preprocessing."""
        network, x = network_of(work, weights), inputs[: work.batch]

        def predict(times: int) -> Array:
            outputs = x
            for _ in range(times):
                outputs = network.outputs(x)
            return outputs

        return predict


def trained(network: Network, work: Work, inputs: Array, classes: Array) -> Train:
    """Steps of training of a network."""
    clock = Clock()
    plan = network.training_plan(work.batch, np.empty(work.batch, classes.dtype), clock)
    updater = Updater(Adam(lr=LEARNING_RATE), network)
    pace = updater.pace
    pace.lr = LEARNING_RATE
    xs = inputs.reshape(BATCHES, work.batch, *work.shape)
    ys = classes.reshape(BATCHES, work.batch)

    def train(steps: int) -> float:
        loss = float("nan")
        for _ in range(steps):
            number = pace.step % BATCHES
            pace.step = clock.step = pace.step + 1
            plan.input[...] = xs[number]
            plan.targets[...] = ys[number]
            plan.forward()
            loss = plan.loss()
            plan.backward()
            updater()
        return loss

    return train


def network_of(work: Work, weights: Weights) -> Network:
    """The network with given initial weights."""
    network = Network(build_graph(_layers(work.layers), work.shape), CrossEntropy())
    views = network.parameters.named()
    given = [(name, array) for each in weights for name, array in each.items()]
    for (place, view), (name, array) in zip(views.items(), given, strict=True):
        if not place.endswith(f".{name}"):
            raise RuntimeError(f"the weights of {work.name} are in another order: {place}, {name}")
        view[...] = array
    return network


def _layers(layers: tuple[described.Layer, ...]) -> tuple[Layer, ...]:
    return tuple(_layer(layer) for layer in layers)


def _layer(layer: described.Layer) -> Layer:
    match layer:
        case described.Dense(units):
            return Dense(units=units)
        case described.Conv(filters, kernel, stride):
            return Conv(
                filters=filters, kernel=kernel, stride=stride, padding=kernel // 2, bias=False
            )
        case described.BatchNorm():
            return BatchNorm()
        case described.ReLU():
            return ReLU()
        case described.GELU():
            return GELU()
        case described.LayerNorm():
            return LayerNorm()
        case described.LSTM(units):
            return LSTM(units=units)
        case described.Attention(heads):
            return MultiHeadAttention(heads=heads)
        case described.MeanOverTime():
            return MeanOverTime()
        case described.Dropout(rate):
            return Dropout(rate=rate)
        case described.MaxPool():
            return MaxPool(size=2)
        case described.GlobalAveragePool():
            return GlobalAveragePool()
        case described.Flatten():
            return Flatten()
        case described.Residual(branch, shortcut):
            return Residual(layers=_layers(branch), shortcut=_layers(shortcut))
    raise TypeError(f"no layer of dlrun is known for {layer}")
