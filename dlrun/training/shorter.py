"""The network for batches of texts that are shorter than the longest."""

from __future__ import annotations

from dlrun.data.buckets import Buckets
from dlrun.nn.graph import Graph, Node, build_graph
from dlrun.nn.group import grouped
from dlrun.spec.problems import Problems
from dlrun.training.experiment import Experiment


def shorter(
    experiment: Experiment, graph: Graph, buckets: Buckets, problems: Problems
) -> dict[int, Graph]:
    """The same structure for each length of ``data.buckets`` but the greatest.

    Args:
        experiment: that has buckets.
        graph: of the greatest length.
        buckets: of its training part.
        problems: gets layers for which the length of a text is not padding alone.
    """
    place = experiment.data.place_of("buckets")
    if any(_reads_padding(node, graph.input.number) for node in graph.nodes):
        what = "a layer reads padding, so a length would change what is learned"
        problems.add(place, what, "give embedding 'padding: 0', or remove 'buckets'")
        return {}
    found = {}
    for length in buckets.ends[:-1]:
        own = Problems()
        short = grouped(build_graph(experiment.model, (length,), own), experiment.groups, own)
        pairs = zip(graph.nodes, short.nodes, strict=False)
        bound = [node for node, other in pairs if _differ(node, other)]
        if own or bound or short.output.shape != graph.output.shape:
            layer = (*bound, graph.nodes[-1])[0].layer
            what = f"'{layer.kind}' needs texts of one length, and 'data.buckets' cut them to many"
            problems.add(layer.origin, what, "remove 'buckets', or put a layer over time before it")
            return {}
        found[length] = short
    return found


def _reads_padding(node: Node, number: int) -> bool:
    """Whether a node reads the texts without a mask, and not to make one of them."""
    reads = (value.mask is None for value in node.inputs if value.number == number)
    return not node.layer.marks and any(reads)


def _differ(one: Node, other: Node) -> bool:
    """Whether a layer has other parameters for another length, or other places for its windows."""
    if _before(one) != _before(other):
        return True
    shapes = [{name: each.shape for name, each in node.parameters.items()} for node in (one, other)]
    return shapes[0] != shapes[1]


def _before(node: Node) -> int:
    """How far the first window of a layer reaches over the start of a text."""
    x = node.inputs[0]
    masked = x.mask is not None and len(node.inputs) == 1
    return node.layer.steps(x.shape, x.axis).before if masked else 0
