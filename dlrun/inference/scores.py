"""Loss, metrics and confusion over a dataset."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Task
from dlrun.errors import DataError
from dlrun.nn.answers import said_classes
from dlrun.nn.engine.network import Network
from dlrun.nn.metrics.base import Metric, names, take_in
from dlrun.nn.tensor import Tensor

BUFFER_BYTES = 4 * 2**20
BUFFER_ROWS = 4096
_LEAST_ROWS = 256


def evaluate(
    network: Network,
    metrics: Sequence[Metric],
    data: Dataset,
    watch: Callable[[Array, Array], None] | None = None,
) -> dict[str, float]:
    """The loss and every metric of a dataset in evaluation mode, by name.

    If the network's output has a mask, each unmasked step counts as a sample.

    Args:
        network: with the weights to score.
        metrics: the metrics.
        data: the samples.
        watch: also receives the raw outputs and the targets of each block.

    Raises:
        DataError: all steps of all samples are masked.
    """
    return evaluate_blocks(network, metrics, data.task, blocks_of(data), watch)


@np.errstate(all="ignore")  # diverged weights give scores of NaN
def evaluate_blocks(
    network: Network,
    metrics: Sequence[Metric],
    task: Task,
    blocks: Iterable[tuple[Array, Array]],
    watch: Callable[[Array, Array], None] | None = None,
) -> dict[str, float]:
    """The same of samples that need not all be in memory.

    Args:
        network: in evaluation mode.
        metrics: to compute.
        task: of the targets.
        blocks: inputs and targets of ``rows_of_a_block`` samples each; the last may have fewer.
        watch: also receives the raw outputs and the targets of each block.

    Raises:
        DataError: all steps of all samples are masked.
    """
    meters = {metric: metric.start(task) for metric in metrics}
    losses, sizes = [], []
    for outputs, targets in _outputs(network, blocks):
        if not len(targets):
            continue
        losses.append(network.loss.bind(Tensor(outputs), targets, network.kernels)())
        sizes.append(len(targets))
        take_in(meters, network.loss, outputs, targets)
        if watch is not None:
            watch(outputs, targets)
    found = {"loss": mean_loss(losses, sizes)}
    for name, meter in zip(names(metrics), meters.values(), strict=True):
        found[name] = meter.value()
    return found


@np.errstate(all="ignore")
def confusion(network: Network, data: Dataset, classes: int) -> tuple[tuple[int, ...], ...]:
    """Counts of samples or, if each of their positions has a class, of positions.

    Rows are true classes, columns predicted ones.
    """
    counts = np.zeros(classes * classes, np.int64)
    for outputs, codes in _outputs(network, blocks_of(data)):
        answers = said_classes(network.loss.predictions(outputs))
        counts += np.bincount(codes.reshape(-1) * classes + answers, minlength=classes * classes)
    return tuple(tuple(row) for row in counts.reshape(classes, classes).tolist())


def _outputs(
    network: Network, blocks: Iterable[tuple[Array, Array]]
) -> Iterator[tuple[Array, Array]]:
    """Outputs and targets of blocks; if the outputs have a mask, those of unmasked steps."""
    for inputs, targets in blocks:
        outputs, mask = network.masked_outputs(inputs)
        yield (outputs, targets) if mask is None else (outputs[mask != 0], targets[mask != 0])


def blocks_of(data: Dataset) -> Iterator[tuple[Array, Array]]:
    """Inputs and targets in blocks of samples whose number depends on the shape of a sample."""
    rows = rows_of_a_block(data)
    for start in range(0, len(data), rows):
        block = slice(start, start + rows)
        yield data.inputs[block], data.targets[block]


def rows_of_a_block(data: Dataset) -> int:
    """How many samples are scored together."""
    per_sample = 4 * max(1, math.prod(data.sample_shape))
    return max(_LEAST_ROWS, min(BUFFER_ROWS, BUFFER_BYTES // per_sample))


def mean_loss(losses: Sequence[float], sizes: Sequence[int]) -> float:
    """The mean loss of samples, or of unmasked steps, from those of batches.

    Raises:
        DataError: there are none.
    """
    if not any(sizes):
        raise DataError("nothing to score: all steps of all samples are padding")
    return float(np.average(losses, weights=sizes))


def prefixed(part: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Scores under the names in files and terminals, such as ``validation.loss``."""
    return {f"{part}.{name}": value for name, value in scores.items()}
