"""What a network is trained to predict, from the training set."""

from __future__ import annotations

from dataclasses import replace

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.prepared import Prepared
from dlrun.data.real_steps import RealSteps
from dlrun.data.target_scaling import TargetScaling
from dlrun.nn.engine.validity import output_mask
from dlrun.nn.graph.builder import Graph
from dlrun.nn.losses.base import Loss
from dlrun.nn.losses.numbers import NumberLoss
from dlrun.nn.target import Target


def target_of(train: Dataset, graph: Graph | None = None, loss: Loss | None = None) -> Target:
    """What the network is trained to predict, from the training set.

    Args:
        train: the training set.
        graph: the network; if its output has a mask, only targets of unmasked steps count.
        loss: the loss that it is trained with.
    """
    classes = None if train.classes is None else len(train.classes)
    real = None if graph is None or loss is None else real_steps(train, graph, loss)
    return Target(train.task, train.targets, classes, real)


def real_steps(data: Dataset, graph: Graph, loss: Loss) -> RealSteps | None:
    """Which steps of the targets are not padding; None if the network's output has no mask.

    Args:
        data: preprocessed samples.
        graph: the network.
        loss: the loss that it is trained with.
    """
    mask = output_mask(graph, loss)
    if mask is None:
        return None
    valid = mask

    def of_rows(rows: slice) -> Array:
        return valid(data.inputs[rows])

    return of_rows


def scaled_targets(data: Prepared, graph: Graph, loss: Loss) -> Prepared:
    """The data with a scaling of targets that depends on real steps only.

    Args:
        data: whose targets fit the output of the network.
        graph: the network, whose mask shows the real steps.
        loss: the loss that it is trained with.

    Raises:
        DataError: a target of a real step cannot be scaled.
    """
    scaling = data.target_scaling
    if scaling is None:
        return data
    real = real_steps(data.train, graph, loss)
    if real is not None:
        scaling = TargetScaling.fit(scaling.kind, data.train, real)
    sets = {"training": data.train, "validation": data.validation, "test": data.test}
    for name, part in sets.items():
        if part is not None:
            scaling.need_domain(part.targets, f"{name} set", real_steps(part, graph, loss))
    return replace(data, target_scaling=scaling)


def learning(loss: Loss, scaling: TargetScaling | None) -> Loss:
    """The loss of scaled targets, if there is a scaling and the loss is one of numbers."""
    if scaling is None or not isinstance(loss, NumberLoss):
        return loss
    return loss.learning(scaling)
