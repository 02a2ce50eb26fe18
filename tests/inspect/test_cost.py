from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.data.batches.order import Batches
from dlrun.experiment.compile import compile_spec
from dlrun.inspect.cost import price
from dlrun.nn.engine.network import Network
from dlrun.nn.layers.base import Clock
from dlrun.training.session import Session
from dlrun.training.weight_update import WeightUpdate

DIGITS = {"source": "digits", "split": {"validation": 0.2}, "batch_size": 50}

SPECS: dict[str, dict[str, Any]] = {
    "dense": {},
    "a batch larger than the data": {"data": {"source": "iris", "batch_size": 1000}},
    "normalized": {"model": [{"dense": 9}, "batch_norm", "tanh", {"dropout": 0.2}, {"dense": 3}]},
    "convolutional": {
        "data": DIGITS,
        "model": [
            {"conv": {"filters": 6, "kernel": 3}},
            "batch_norm",
            "relu",
            {"residual": {"layers": [{"conv": {"filters": 6, "kernel": 3}}, "relu"]}},
            {"max_pool": 2},
            "flatten",
            {"dense": 10},
        ],
    },
    "graph": {
        "data": DIGITS,
        "model": [
            {"conv": 6},
            {"node": "a"},
            {"parallel": [[], [{"conv": 2}, "layer_norm"]]},
            {"conv": 6},
            {"multiply": ["a", "previous"]},
            "flatten",
            {"dense": 10},
        ],
    },
    "momentum": {"optimizer": {"sgd": {"lr": 0.1, "momentum": 0.9}}},
    "no state": {"optimizer": {"sgd": {"lr": 0.1}}},
    "accumulated": {"accumulate": 3, "optimizer": {"adam": {"amsgrad": True}}},
    "averaged": {"average": {"ema": 0.9}, "model": [{"dense": 9}, "batch_norm", {"dense": 3}]},
    "frozen": {
        "model": [{"dense": 9}, "tanh", {"dense": 9}, "batch_norm", "tanh", {"dense": 3}],
        "groups": [
            {"match": "dense_2", "freeze": True},
            {"match": "batch_norm_1", "freeze": True},
            {"match": "dense_3", "lr_factor": 0.1},
        ],
        "optimizer": "lamb",
    },
}


@pytest.mark.parametrize("case", SPECS)
def test_the_price_is_what_is_allocated(spec: Callable[..., Path], case: str) -> None:
    compiled = compile_spec(spec(**SPECS[case]))
    cost = price(compiled)
    experiment, train = compiled.experiment, compiled.data.train
    network = Network(compiled.graph, experiment.loss)
    batch = min(experiment.data.batch_size, len(train))
    plan = network.training_plan(batch, train.targets[:batch].copy(), Clock())
    batches = Batches(train, experiment.data.batch_size)
    update = WeightUpdate(experiment, network, batches)
    state = list(update.updater.slots.values())
    if update.accumulator is not None:
        state.append(update.accumulator.total)
    if update.averaged is not None:
        state.append(update.averaged.values)
    parameters = network.parameters
    assert cost.activations == plan.memory.nbytes
    assert cost.weights == parameters.values.nbytes + parameters.grads.nbytes
    assert cost.optimizer == sum(array.nbytes for array in state)
    session = Session(compiled)
    assert cost.copies == session.best.nbytes
    data = compiled.data
    sets = [each for each in (data.train, data.validation, data.test) if each is not None]
    assert cost.data == sum(each.inputs.nbytes + each.targets.nbytes for each in sets)
    step = cost.activations + cost.weights + cost.optimizer
    assert cost.memory == step + cost.copies + cost.scoring + cost.data
    assert sum(each.parameters for each in cost.layers) == compiled.graph.parameter_count()


def test_the_state_for_a_restart_counts(spec: Callable[..., Path]) -> None:
    path = spec(average={"ema": 0.9}, accumulate=2)
    kept = price(compile_spec(path, ["on_divergence={attempts: 1}"]))
    values = price(compile_spec(path)).copies
    assert kept.copies == 2 * values + kept.optimizer


@pytest.mark.parametrize("count", [20, 300, 520])
def test_scoring_needs_what_it_allocates(spec: Callable[..., Path], count: int) -> None:
    split = {"validation": count / 1797}
    compiled = compile_spec(spec(**{**SPECS["convolutional"], "data": {**DIGITS, "split": split}}))
    validation = compiled.data.validation
    assert validation is not None
    network = Network(compiled.graph, compiled.experiment.loss)
    outputs = network.outputs(validation.inputs[:])
    allocated = outputs.nbytes + sum(each.memory.nbytes for each in network._plans.values())
    assert price(compiled).scoring == allocated


def test_what_muon_works_in_counts(spec: Callable[..., Path]) -> None:
    path = spec(model=[{"dense": 8}, "tanh", {"dense": 9}, "tanh", {"dense": 3}])
    muon = price(compile_spec(path, ["optimizer=muon"])).optimizer
    adam = price(compile_spec(path, ["optimizer=adam"])).optimizer
    # Of the matrices (2, 8) and (8, 9): two copies, and two of their smaller sides squared.
    assert muon - adam == 4 * (2 * (16 + 4) + 2 * (72 + 64))


@pytest.mark.parametrize("case", SPECS)
def test_every_smaller_batch_fits_into_the_memory_of_the_full_one(
    spec: Callable[..., Path], case: str
) -> None:
    compiled = compile_spec(spec(**SPECS[case]))
    network = Network(compiled.graph, compiled.experiment.loss)
    targets = compiled.data.train.targets
    batch = min(compiled.experiment.data.batch_size, len(targets))
    full = network.training_plan(batch, targets[:batch].copy(), Clock())
    for smaller in range(1, batch):
        size = network.training_plan(smaller, targets[:smaller].copy(), Clock()).memory.nbytes
        assert size <= full.memory.nbytes


def test_layers_in_order_with_their_work(spec: Callable[..., Path]) -> None:
    path = spec(**SPECS["convolutional"])
    cost = price(compile_spec(path))
    first = cost.layers[0]
    assert (first.name, first.output, first.parameters) == ("conv_1", (8, 8, 6), 9 * 6 + 6)
    assert first.multiply_adds == 8 * 8 * 6 * 9
    assert cost.layers[-1].multiply_adds == np.prod(cost.layers[-2].output) * 10
    line = path.read_text().partition('"conv"')[0].count("\n") + 1
    assert str(first.place).startswith(f"{path}:{line}:")
