"""The network for batches of texts shorter than the longest."""

from __future__ import annotations

from dlrun.data.buckets import Buckets
from dlrun.experiment.experiment import Experiment
from dlrun.nn.graph.builder import Graph, Node, build_graph
from dlrun.nn.graph.groups import grouped
from dlrun.nn.graph.operation import Transform
from dlrun.spec.problems import Problems


def shorter(
    experiment: Experiment, graph: Graph, buckets: Buckets, problems: Problems
) -> dict[int, Graph]:
    """The same network for each length of ``data.buckets`` except the largest.

    Args:
        experiment: one with buckets.
        graph: of the largest length.
        buckets: of its training set.
        problems: gets layers whose result depends on the amount of padding.
    """
    place = experiment.data.place_of("buckets")
    if any(_reads_padding(node, graph.input.number) for node in graph.nodes):
        what = "a layer reads padding, so the result would depend on the bucket"
        problems.add(place, what, "set 'padding: 0' of embedding, or remove 'buckets'")
        return {}
    graphs = {}
    for length in buckets.ends[:-1]:
        own = Problems()
        short = grouped(build_graph(experiment.model, (length,), own), experiment.groups, own)
        pairs = zip(graph.nodes, short.nodes, strict=False)
        bound = [node for node, other in pairs if _differ(node, other)]
        if own or bound or short.output.shape != graph.output.shape:
            layer = (*bound, graph.nodes[-1])[0].operation
            what = (
                f"'{layer.kind}' needs texts of one length, but 'data.buckets' cut them to several"
            )
            problems.add(layer.origin, what, "remove 'buckets', or put a layer over time before it")
            return {}
        graphs[length] = short
    return graphs


def _reads_padding(node: Node, number: int) -> bool:
    """Whether a node reads the texts without a mask and is not the layer that makes the mask."""
    reads = (value.mask is None for value in node.inputs if value.number == number)
    return not node.operation.marks and any(reads)


def _differ(one: Node, other: Node) -> bool:
    """Whether a layer's parameters or window positions depend on the length."""
    if _before(one) != _before(other):
        return True
    shapes = [{name: each.shape for name, each in node.parameters.items()} for node in (one, other)]
    return shapes[0] != shapes[1]


def _before(node: Node) -> int:
    """How many steps the first window of a layer starts before the text."""
    x = node.inputs[0]
    if x.mask is None or not isinstance(node.operation, Transform) or node.operation.marks:
        return 0
    return node.operation.steps(x.shape, x.axis).before
