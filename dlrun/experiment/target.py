"""What a network is trained to predict, from the training set."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
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
    mask = None if graph is None or loss is None else output_mask(graph, loss)
    if mask is None:
        return Target(train.task, train.targets, classes)
    valid = mask

    def of_rows(rows: slice) -> Array:
        return valid(train.inputs[rows])

    return Target(train.task, train.targets, classes, of_rows)


def learning(loss: Loss, scaling: TargetScaling | None) -> Loss:
    """The loss of scaled targets, if there is a scaling and the loss is one of numbers."""
    if scaling is None or not isinstance(loss, NumberLoss):
        return loss
    return loss.learning(scaling)
