"""Whether a network can learn, and be scored: its last layer, its batches, and its metrics."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dlrun.data.batches import Batches
from dlrun.data.prepared import Prepared
from dlrun.errors import ShapeError
from dlrun.nn.graph import Graph, Node
from dlrun.nn.loss import Loss
from dlrun.nn.metric import names
from dlrun.nn.schedules.reduce_on_plateau import ReduceOnPlateau
from dlrun.nn.target import Target
from dlrun.spec.component import Component
from dlrun.spec.problems import Problems
from dlrun.training.experiment import Experiment
from dlrun.training.unreached import unreached


def check_model(
    experiment: Experiment,
    data: Prepared,
    graph: Graph,
    target: Target,
    monitor: str,
    problems: Problems,
) -> list[str]:
    """Find what keeps a network whose shapes fit from learning, and from being scored.

    Args:
        experiment: what the spec says.
        data: read and split.
        graph: the network.
        target: of the training set.
        monitor: the metric that tells the best epoch.
        problems: gets the faults.

    Returns:
        What the user should know all the same, a line each.
    """
    batches = Batches(data.train, experiment.data.batch_size)
    return [
        *check_last_layer(experiment.loss, graph, target, problems),
        *check_batches(graph, batches, problems),
        *check_metrics(experiment, data, monitor, problems),
        *unreached(experiment),
    ]


def check_last_layer(loss: Loss, graph: Graph, target: Target, problems: Problems) -> Iterator[str]:
    """Whether the layer that bounds the outputs, if one does, leaves the loss what it needs.

    Args:
        loss: of the experiment.
        graph: the network, whose shapes fit.
        target: of the training set.
        problems: gets the fault.

    Returns:
        What the user should know all the same, a line each.
    """
    node = _last(graph)
    bounds = None if node is None else node.layer.bounds()
    if node is None or bounds is None or bounds == (-math.inf, math.inf):
        return
    low, high = bounds
    between = f"at {low:g} or above" if math.isinf(high) else f"between {low:g} and {high:g}"
    what = f"'{node.layer.kind}' as the last layer keeps outputs {between}, but"
    try:
        note = loss.check_bounds(low, high, target)
    except ShapeError as fault:
        advice = "add a dense layer after it" if node.parameters else "remove it"
        problems.add(node.layer.origin, f"{what} {fault}", advice)
    else:
        if note is not None:
            yield f"{node.layer.origin}: {what} {note}"


def _last(graph: Graph) -> Node | None:
    """The last layer that decides what size outputs have; None where the input alone does."""
    writers = {node.output.number: node for node in graph.nodes}
    node = writers.get(graph.output.number)
    while node is not None and node.layer.bounds() is None:
        node = writers.get(node.inputs[0].number)
    return node


def check_batches(graph: Graph, batches: Batches, problems: Problems) -> Iterator[str]:
    """Whether batches have enough samples for layers that learn from several at a time.

    Args:
        graph: the network.
        batches: of the training set.
        problems: gets batches of one sample, with the layer that needs more.

    Returns:
        What the user should know of a last batch that is smaller, a line each.
    """
    for node in graph.nodes:
        layer = node.layer
        if layer.single(node.inputs[0].shape) == layer:
            continue
        if batches.full_size == 1:
            what = f"{layer.kind} needs more than one value a channel, and a batch is one sample"
            problems.add(layer.origin, what, "raise data.batch_size, or use layer_norm")
        elif batches.last_size == 1:
            yield (
                f"{layer.origin}: the last batch of an epoch is one sample, for which {layer.kind} "
                "uses its running averages and leaves them alone"
            )
            return


def check_metrics(
    experiment: Experiment, data: Prepared, monitor: str, problems: Problems
) -> Iterator[str]:
    """Whether the validation and the test set have what each metric needs.

    Args:
        experiment: whose metrics are for such targets.
        data: whose sets are looked at.
        monitor: the metric that tells the best epoch.
        problems: gets a monitored metric that would be NaN in every epoch.

    Returns:
        Other metrics that will be NaN, a line each.
    """
    for part, own in (("validation", data.validation), ("test", data.test)):
        if own is None:
            continue
        target = Target(own.task, own.targets, None if own.classes is None else len(own.classes))
        for metric, name in zip(experiment.metrics, names(experiment.metrics), strict=True):
            reason = metric.undefined(target)
            if reason is None:
                continue
            what = f"{part}.{name} is not defined: {reason} in the {part} set"
            rules, schedule = experiment.early_stopping, experiment.schedule
            asks: list[Component] = []
            if rules is not None and monitor == f"{part}.{name}":
                asks.append(rules)
            if isinstance(schedule, ReduceOnPlateau) and schedule.monitor == f"{part}.{name}":
                asks.append(schedule)
            for each in asks:
                advice = "stratify data.split, or monitor another metric"
                problems.add(each.place_of("monitor"), what, advice)
            if not asks:
                yield f"{metric.origin}: {what}"
