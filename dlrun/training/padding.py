"""Whether preprocessing leaves the padding of series where the network's masking finds it."""

from __future__ import annotations

import numpy as np

from dlrun.data.prepared import Prepared
from dlrun.nn.graph import Graph
from dlrun.nn.layers.masking import Mask
from dlrun.spec.problems import Problems

_LOOKED_AT = 1000
"""Samples of the training set that are looked at."""


def check_padding(graph: Graph, data: Prepared, problems: Problems) -> None:
    """Find a masking that preprocessing has moved all padding away from.

    Steps such as standardize change the value of padding, and a masking that finds none leaves
    nothing out, without a word.

    Args:
        graph: the network, whose shapes fit.
        data: after preprocessing.
        problems: gets the fault.
    """
    pipeline, shape = data.pipeline, data.source_shape
    if not pipeline.steps or pipeline.vocabulary is not None or shape != data.sample_shape:
        return
    for node in graph.nodes:
        if not isinstance(node.layer, Mask) or node.inputs[0].number != graph.input.number:
            continue
        value = node.layer.value
        rows = np.arange(min(len(data.train), _LOOKED_AT))
        read = np.asarray(data.train.inputs[rows]).reshape(len(rows), shape[0], -1)
        moved = pipeline.transform(np.full((1, *shape), value)).reshape(1, shape[0], -1)
        if (read == value).all(axis=-1).any():
            continue
        count = int(np.isclose(read, moved, rtol=1e-5, atol=1e-6).all(axis=-1).sum())
        if count == 0:  # there is no padding
            continue
        problems.add(
            node.layer.origin,
            f"masking finds no step that is {value:g}, since data.preprocess has changed the "
            f"{count:,} that were",
            "leave steps such as standardize out, and scale the series in the file beforehand",
        )
