"""Whether a network can be trained and scored: its last layer, its batches, its metrics."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dlrun.data.batches.order import Batches
from dlrun.data.prepared import Prepared
from dlrun.errors import ShapeError
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.target import target_of
from dlrun.nn.graph.builder import Graph, Node
from dlrun.nn.losses.base import Loss
from dlrun.nn.metrics.base import names
from dlrun.nn.schedules.reduce_on_plateau import ReduceOnPlateau
from dlrun.nn.target import Target
from dlrun.spec.component import Component
from dlrun.spec.problems import Problems


def check_last_layer(loss: Loss, graph: Graph, target: Target, problems: Problems) -> Iterator[str]:
    """Check that the loss can use the outputs of a last layer that bounds them, such as sigmoid.

    Args:
        loss: of the experiment.
        graph: the network, whose shapes fit.
        target: of the training set.
        problems: gets the error.

    Returns:
        Notes for the user, one line each.
    """
    node = _last(graph)
    bounds = None if node is None else node.operation.bounds()
    if node is None or bounds is None or bounds == (-math.inf, math.inf):
        return
    low, high = bounds
    between = f"at {low:g} or above" if math.isinf(high) else f"between {low:g} and {high:g}"
    what = f"'{node.operation.kind}' as the last layer keeps outputs {between}, but"
    try:
        note = loss.check_bounds(low, high, target)
    except ShapeError as error:
        advice = "add a dense layer after it" if node.parameters else "remove it"
        problems.add(node.operation.origin, f"{what} {error}", advice)
    else:
        if note is not None:
            yield f"{node.operation.origin}: {what} {note}"


def _last(graph: Graph) -> Node | None:
    """The last layer that determines the range of the outputs; None if there is none."""
    writers = {node.output.number: node for node in graph.nodes}
    node = writers.get(graph.output.number)
    while node is not None and node.operation.bounds() is None:
        node = writers.get(node.inputs[0].number)
    return node


def check_batches(graph: Graph, batches: Batches, problems: Problems) -> Iterator[str]:
    """Check that batches have enough samples for layers that need several at a time.

    Args:
        graph: the network.
        batches: of the training set.
        problems: gets batches of one sample, with the layer that needs more.

    Returns:
        Notes for the user on a smaller last batch, one line each.
    """
    for node in graph.nodes:
        layer = node.operation
        if layer.single(node.inputs[0].shape) == layer:
            continue
        if batches.full_size == 1:
            what = f"{layer.kind} needs more than one value per channel, but a batch has one sample"
            problems.add(layer.origin, what, "raise data.batch_size, or use layer_norm")
        elif batches.last_size == 1:
            yield (
                f"{layer.origin}: the last batch of an epoch has one sample, for which "
                f"{layer.kind} uses its running averages without updating them"
            )
            return


def check_metrics(
    experiment: Experiment,
    data: Prepared,
    graph: Graph | None,
    loss: Loss | None,
    monitor: str,
    problems: Problems,
) -> Iterator[str]:
    """Check that the validation and the test set have the classes that each metric needs.

    Args:
        experiment: whose metrics fit the targets.
        data: the sets to check.
        graph: the network; None if it has errors, and then no step counts as padding.
        loss: of the experiment; the same if it is None.
        monitor: the metric that determines the best epoch.
        problems: gets a monitored metric that would be NaN in every epoch.

    Returns:
        Other metrics that will be NaN, one line each.
    """
    for part, own in (("validation", data.validation), ("test", data.test)):
        if own is None:
            continue
        target = target_of(own, graph, loss)
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
