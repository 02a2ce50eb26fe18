"""What a training needs to be compiled, before its first step."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import numpy as np

from dlrun.data.batches.order import Batches
from dlrun.experiment.compile import Compiled
from dlrun.inference.scores import evaluate
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.bound import Clock
from dlrun.nn.kernels.rehearsal import Need, rehearsed
from dlrun.training.augmented import augmented, augmenting_kernels
from dlrun.training.weight_update import WeightUpdate

_MOST_PARAMETERS = 20_000_000
"""A larger network would need too much memory twice; it compiles when it needs a kernel."""

_SAMPLES = 2


def prepare_kernels(compiled: Compiled, network: Network) -> None:
    """Compile the kernels that a training will call and that are not stored, on all processors.

    A kernel that is missed here is compiled when it is called.
    """
    if augmenting_kernels(compiled, network).which == "numpy":  # and so are the network's
        return
    if network.parameters.values.size > _MOST_PARAMETERS:
        return
    from dlrun.nn.kernels.compiled.preparation import prepare

    prepare(_needs(compiled, network))


def _needs(compiled: Compiled, network: Network) -> Iterable[Need]:
    """What a step of training and an evaluation need, with separate weights and memory."""
    experiment, train = compiled.experiment, compiled.data.train
    other = Network(compiled.graph, network.loss, kernels=network.kernels, threads=1)
    some = train.take(np.arange(min(_SAMPLES, len(train))))
    batches = Batches(some, len(some))
    # Whatever fails here, such as reading a file, fails in the training, with its own message.
    with rehearsed() as needs, suppress(Exception), np.errstate(all="ignore"):
        network.kernels.wait.until(np.zeros(1, np.int64), 1)
        writer = augmented(compiled, other)
        targets = np.asarray(some.targets)
        if writer is not None:
            targets = np.zeros((len(some), *writer.targets.shape[1:]), writer.targets.dtype)
        plan = other.training_plan(len(some), targets, Clock(experiment.seed))
        if writer is not None:
            writer(1, np.arange(len(some)), plan.input, plan.targets)
        plan.forward()
        plan.loss()
        plan.backward()
        update = WeightUpdate(experiment, other, batches, compiled.watched_mode)
        update(plan.weight, last=True)
        if update.averaged is not None:
            update.averaged.take_in(1)
        evaluate(other, (), some)
    return needs.values()
