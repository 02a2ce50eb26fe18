"""A small network and samples to score it on."""

from __future__ import annotations

import numpy as np

from dlrun.data.dataset import Dataset
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.layers.dense import Dense
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.losses.mse import MeanSquaredError

CLASSES = 3


def network(loss: CrossEntropy | MeanSquaredError, outputs: int) -> Network:
    made = Network(build_graph((Dense(units=outputs),), (4,)), loss)
    made.parameters.initialize(0, HeNormal())
    return made


def samples(count: int, regression: bool) -> Dataset:
    draw = np.random.default_rng(count)
    inputs = draw.standard_normal((count, 4)).astype(np.float32)
    if regression:
        return Dataset(inputs, draw.standard_normal((count, 2)).astype(np.float32), "regression")
    codes = draw.integers(0, CLASSES, count)
    return Dataset(inputs, codes, "classification", ("a", "b", "c"))
