"""Whether preprocessing leaves the padding of series recognizable for the network's masking."""

from __future__ import annotations

import numpy as np

from dlrun.data.prepared import Prepared
from dlrun.nn.graph.builder import Graph
from dlrun.nn.layers.masking import Mask
from dlrun.spec.problems import Problems

_LOOKED_AT = 1000
"""Samples of the training set that are checked, at most."""


def check_padding(graph: Graph, data: Prepared, problems: Problems) -> None:
    """Find a masking layer that cannot find the padding any more after preprocessing.

    Steps such as standardize change the value of padding; masking would then silently mask nothing.

    Args:
        graph: the network, whose shapes fit.
        data: after preprocessing.
        problems: gets the error.
    """
    pipeline, shape = data.pipeline, data.source_shape
    if not pipeline.steps or pipeline.vocabulary is not None or shape != data.sample_shape:
        return
    for node in graph.nodes:
        if not isinstance(node.operation, Mask) or node.inputs[0].number != graph.input.number:
            continue
        value = node.operation.value
        rows = np.arange(min(len(data.train), _LOOKED_AT))
        read = np.asarray(data.train.inputs[rows]).reshape(len(rows), shape[0], -1)
        moved = pipeline.transform(np.full((1, *shape), value)).reshape(1, shape[0], -1)
        if (read == value).all(axis=-1).any():
            continue
        count = int(np.isclose(read, moved, rtol=1e-5, atol=1e-6).all(axis=-1).sum())
        if count == 0:  # there is no padding
            continue
        problems.add(
            node.operation.origin,
            f"masking finds no step with the value {value:g}, because data.preprocess changed the "
            f"{count:,} steps that had it",
            "remove steps such as standardize, and scale the series in the file instead",
        )
