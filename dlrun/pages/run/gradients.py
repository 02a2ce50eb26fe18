"""Gradient flow: the size of gradients by layer, from one backward pass."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.samples import narrowed
from dlrun.experiment.target import target_of
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.bound import Clock
from dlrun.nn.losses.base import Loss
from dlrun.pages.pieces.bars import dots
from dlrun.pages.run.trained import TrainedData
from dlrun.pages.section import Section, missing, note

BATCH = 32
"""Maximum number of samples of the batch."""
_WORK = 1.2e9
"""Maximum multiply-adds of the batch's three passes."""
TITLE = "Gradient flow"


def batch_size(network: Network, wanted: int) -> int:
    """How many samples the batch has: as many as a training step, if that does not take long."""
    cost = 3 * max(1, network.graph.multiply_adds())
    return int(min(wanted, BATCH, max(2.0, _WORK / cost)))


def gradients(network: Network, loss: Loss, batch: Dataset) -> dict[str, tuple[float, float]]:
    """Root mean square of the gradient and of the values of each trained parameter, by name.

    Args:
        network: with its weights; its running statistics change as in a training step.
        loss: fitted to the training set.
        batch: preprocessed samples.
    """
    targets = np.array(batch.targets[:])
    network.loss = loss
    plan = network.training_plan(len(batch), targets, Clock())
    plan.input[...] = np.asarray(batch.inputs[:])
    plan.forward()
    plan.loss()
    plan.backward()
    values, grads = network.parameters.named(), network.parameters.named_gradients()
    return {name: (_size(each), _size(values[name])) for name, each in grads.items()}


def gradients_section(data: TrainedData, batch: Dataset) -> Section:
    """The chart of gradients by parameter.

    Args:
        data: of the run.
        batch: training samples, preprocessed.
    """
    network, train = data.model.network, data.parts.data["train"]
    if network.graph.output.mask is not None:
        return missing("gradients", TITLE, "Not computed for a network whose outputs have padding.")
    like = train.reconstructing() if data.experiment.data.target == "input" else train
    if like.task != "regression":
        target = target_of(like)
    else:
        target = target_of(Dataset(batch.inputs, narrowed(batch.targets), "regression"))
    found = gradients(network, network.loss.fit(target), batch)
    if not found:
        return missing("gradients", TITLE, "The network has no trained parameters.")
    names = list(found)
    columns = [
        ("gradient", [found[name][0] for name in names]),
        ("weights", [found[name][1] for name in names]),
    ]
    text = (
        f"One forward and backward pass in training mode over {len(batch)} training samples, "
        "evenly spaced and without augmentation, with the weights of the scores."
    )
    title = "Size of gradients and weights, from the first layer to the last"
    picture = dots(title, "root mean square, logarithmic", names, columns)
    zero = [name for name in names if found[name][0] == 0.0]
    wrong = [name for name in names if not np.isfinite(found[name][0])]
    remarks = [note(text)]
    if zero:
        remarks.append(note(f"The gradient is 0 for {', '.join(zero[:10])}."))
    if wrong:
        remarks.append(note(f"The gradient is not finite for {', '.join(wrong[:10])}."))
    return Section("gradients", TITLE, [*remarks, picture])


def _size(values: Array) -> float:
    return float(np.sqrt(np.mean(values.astype(np.float64) ** 2)))
