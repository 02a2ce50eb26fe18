"""The description of the plan of a training step, from the plan itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from dlrun.experiment.compile import Compiled
from dlrun.experiment.target import target_of
from dlrun.inspect.plan_arrays import arrays_of
from dlrun.inspect.plan_census import Census
from dlrun.inspect.planned import Planned, PlannedNode, PlannedSegment
from dlrun.nn.engine.layout import lay_out
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.segments import Segment
from dlrun.nn.graph.bound import Clock
from dlrun.nn.graph.builder import Node
from dlrun.nn.graph.fuse import fuse
from dlrun.nn.kernels import choice


def planned(compiled: Compiled) -> Planned:
    """Describe the plan of a full batch; no step is run."""
    experiment, train = compiled.experiment, compiled.data.train
    batch = min(experiment.data.batch_size, len(train))
    census = Census()
    kernels, reason = choice(compiled.graph.multiply_adds())
    loss = experiment.loss.fit(target_of(train, compiled.graph, experiment.loss))
    network = Network(compiled.graph, loss, kernels=kernels, probe=census)
    targets = np.empty((batch, *train.targets.shape[1:]), train.targets.dtype)
    network.training_plan(batch, targets, Clock())
    layout = lay_out(fuse(compiled.graph, training=True), batch, training=True)
    arrays = arrays_of(layout)
    sizes: Counter[str] = Counter()
    for array in arrays:
        sizes[array.of] += array.bytes
    return Planned(
        batch,
        network.pool.threads,
        kernels.which,
        reason,
        tuple(_segment(n, each, census, sizes) for n, each in enumerate(layout.segments)),
        arrays,
        layout.size,
        sum(array.bytes for array in arrays),
    )


def _segment(
    number: int, segment: Segment, census: Census, sizes: Mapping[str, int]
) -> PlannedSegment:
    nodes = tuple(
        PlannedNode(
            node.name,
            tuple(node.name.split("+")),
            phase,
            _kept(node),
            census.cuts[node.name],
            census.multiply_adds[node.name, "forward"],
            census.multiply_adds[node.name, "backward"],
            sizes[node.name],
        )
        for phase, of_phase in enumerate(segment.phases)
        for node in of_phase
    )
    return PlannedSegment(number, nodes, tuple(rows.stop - rows.start for rows in segment.chunks))


def _kept(node: Node) -> tuple[str, ...]:
    ends = {"x": "input", "y": "output"}
    buffers = node.operation.scratch(node.inputs[0].shape)
    return (
        *(ends[each] for each in node.operation.keeps),
        *(name for name, buffer in buffers.items() if buffer.kept),
    )
