"""The memory of a training beyond its steps: kept copies, scoring, and samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.prepared import Prepared
from dlrun.experiment.compile import Compiled
from dlrun.inference.scores import rows_of_a_block
from dlrun.nn.engine.layout import lay_out
from dlrun.nn.engine.network import ROWS
from dlrun.nn.graph.builder import Graph
from dlrun.nn.graph.fuse import fuse


def scoring(compiled: Compiled, activations: int) -> int:
    """Bytes that scoring needs beyond those of a training step.

    The validation set is scored while the arrays of a step are kept, the test set after the last
    step.

    Args:
        compiled: the experiment.
        activations: bytes of the arrays of a step.
    """
    graph, data = compiled.graph, compiled.data
    validation = _scored(graph, data.validation)
    return max(validation, validation + _scored(graph, data.test) - activations)


def _scored(graph: Graph, data: Dataset | None) -> int:
    """Bytes of the plans and outputs with which a set is scored; see ``Network.outputs``."""
    if data is None:
        return 0
    count, block = len(data), rows_of_a_block(data)
    rests = {(count % block) % ROWS, (block if count >= block else 0) % ROWS}
    sizes = {max(rests), ROWS if count >= ROWS else 0} - {0}
    fused = fuse(graph, training=False)
    plans = sum(lay_out(fused, size, training=False).size for size in sizes)
    return plans + 4 * min(count, block) * math.prod(graph.output.shape)


def samples(data: Prepared) -> int:
    """Bytes of the samples and targets that are in memory; those in files do not count."""
    sets = (data.train, data.source, data.validation, data.test)
    return _bytes(each for part in sets if part is not None for each in _arrays(part))


def _arrays(data: Dataset) -> Iterator[Array]:
    for each in (data.inputs, data.targets):
        if isinstance(each, np.ndarray):
            yield each


def _bytes(arrays: Iterable[Array]) -> int:
    """Bytes of the memory that arrays are views of, each piece of memory once."""
    owners: dict[int, Array] = {}
    for array in arrays:
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        owners[id(owner)] = owner
    return sum(each.nbytes for each in owners.values() if not isinstance(each, np.memmap))
