"""Whether loss and metrics fit the data and the network."""

from __future__ import annotations

from dlrun.data.prepared import Prepared
from dlrun.data.source_keys import spelled
from dlrun.errors import ShapeError
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.target import target_of
from dlrun.nn.graph.builder import Graph
from dlrun.nn.losses.base import Loss
from dlrun.nn.target import Target
from dlrun.spec.problems import Problems


def check_scores(
    experiment: Experiment,
    data: Prepared | None,
    graph: Graph | None,
    problems: Problems,
    loss: Loss | None,
) -> None:
    """Check that loss and metrics fit the data and the network.

    Args:
        experiment: the content of the spec; metrics with errors are left out.
        data: read and split; None if it could not be read.
        graph: the network; None if it has errors.
        problems: gets the errors.
        loss: of the experiment; None if it has errors.
    """
    target = None if data is None else target_of(data.train)
    if loss is not None and data is not None and target is not None:
        try:
            if graph is not None:
                target = target_of(data.train, graph, loss)
                _check_steps(graph, target)
                loss.check(graph.output.shape, target)
            else:
                _check_targets(loss, target)
        except ShapeError as error:
            problems.add(loss.origin, spelled(str(error), experiment.data.source))
    for number, metric in enumerate(experiment.metrics):
        if metric in experiment.metrics[:number]:
            problems.add(metric.origin, f"'{metric.kind}' is listed twice", "remove one")
        if target is not None and target.task not in metric.tasks:
            scored = " and ".join(metric.tasks)
            problems.add(
                metric.origin, f"'{metric.kind}' scores {scored}", f"the data is {target.task}"
            )
            continue
        if metric.needs_probabilities and loss is not None and not loss.probabilistic:
            what = f"'{metric.kind}' needs probabilities, but '{loss.kind}' gives scores"
            problems.add(metric.origin, what, "use another loss or metric")
        try:
            if target is not None:
                metric.check(target)
        except ShapeError as error:
            problems.add(metric.origin, str(error))


def _check_targets(loss: Loss, target: Target) -> None:
    """Check that a loss can be used for targets, whatever the network's output is.

    Raises:
        ShapeError: every output that targets of this kind can have leads to the same error.
    """
    classes = target.classes or 1
    outputs = [(1,), (classes,), (classes + 1,), target.shape, (*target.shape, classes)]
    errors = []
    for output in outputs:
        try:
            loss.check(output, target)
        except ShapeError as error:
            errors.append(str(error))
    if len(errors) == len(outputs) and len(set(errors)) == 1:
        raise ShapeError(errors[0])


def _check_steps(graph: Graph, target: Target) -> None:
    """Check that the time steps of a masked output are those of the targets.

    Raises:
        ShapeError: they are not.
    """
    output = graph.output
    if output.mask is None:
        return
    if output.axis or target.task == "multi_label" or target.shape[:1] != output.shape[:1]:
        raise ShapeError(
            f"the network's output {output.shape} still has padding steps along its axis "
            f"{output.axis}, but a target of {target.shape} has no such steps; remove the time "
            "axis before the output, with mean_over_time, last_step or flatten"
        )
