"""All checks of a spec before training; each runs if what it needs has no errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dlrun.augment.augmentation import Setting
from dlrun.data.batches.order import Batches
from dlrun.data.prepared import Prepared
from dlrun.errors import DataError
from dlrun.experiment import monitors
from dlrun.experiment.augmentations import check_augmentations, setting_of
from dlrun.experiment.balance import check_balance
from dlrun.experiment.early_stopping import Mode
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.log_checks import check_loggers
from dlrun.experiment.model_checks import check_batches, check_last_layer, check_metrics
from dlrun.experiment.padding import check_padding
from dlrun.experiment.read import Readable
from dlrun.experiment.score_checks import check_scores
from dlrun.experiment.target import learning, scaled_targets, target_of
from dlrun.experiment.unreached import unreached
from dlrun.nn.graph.builder import Graph, build_graph
from dlrun.nn.graph.groups import grouped
from dlrun.spec.draft import Draft
from dlrun.spec.problems import Problems


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks found; to be used only if no error was noted.

    Attributes:
        graph: the network; None if it has errors.
        data: with the scaling of targets that the network needs; None if it could not be read.
        setting: the properties of the data that augmentations need; None without data.
        monitor: the metric that determines the best epoch, and whether lower or higher is better.
        watched: the metric that the schedule watches, None if there is none; and the same.
        notes: notes for the user, one line each.
    """

    graph: Graph | None
    data: Prepared | None
    setting: Setting | None
    monitor: tuple[str, Mode]
    watched: tuple[str | None, Mode]
    notes: Sequence[str]


def check(
    draft: Draft[Experiment], readable: Readable, folder: Path, problems: Problems
) -> Checked:
    """Run all checks of which the fields were built.

    Args:
        draft: the spec as far as it could be built.
        readable: its data as far as it could be read.
        folder: where relative paths start.
        problems: gets the errors.
    """
    experiment, data = draft.part, readable.data
    graph = _graph(draft, readable, problems)
    loss = experiment.loss if draft.has("loss") else None
    of_scores = Problems()
    check_scores(experiment, data, graph, of_scores, loss)
    _include(of_scores, problems)
    setting, of_augment = None, Problems()
    if data is not None:
        setting = setting_of(experiment, data, folder, of_augment)
        if readable.whole:
            check_augmentations(experiment, data, setting, of_augment, loss)
        if graph is not None and not of_augment and _embeds(graph):
            from dlrun.experiment.tokens import check_tokens  # it imports six layers

            check_tokens(experiment, data, graph, setting, of_augment)
        _include(of_augment, problems)
    if loss is not None and draft.has("data.sampling"):
        check_balance(experiment, problems)
    if draft.has("log"):
        check_loggers(experiment, problems)
    if draft.has("optimizer", "weight_decay"):
        _check_decay(experiment, problems)
    of_monitors = Problems()
    monitor, watched = _monitors(draft, data, of_monitors)
    _include(of_monitors, problems)
    notes: list[str] = []
    if data is not None and graph is not None:
        if loss is not None and not of_scores:
            data = _scaled(data, graph, experiment, problems)
            loss = learning(loss, data.target_scaling)
            notes += check_last_layer(loss, graph, target_of(data.train, graph, loss), problems)
        if draft.has("data.batch_size"):
            batches = Batches(data.train, experiment.data.batch_size)
            notes += check_batches(graph, batches, problems)
        check_padding(graph, data, problems)
    if data is not None and draft.has("metrics") and not of_scores and not of_monitors:
        notes += check_metrics(experiment, data, graph, loss, monitor[0], problems)
    if not draft.failed:
        steps = None if data is None else Batches(data.train, experiment.data.batch_size).steps
        notes += unreached(experiment, steps)
    return Checked(graph, data, setting, monitor, watched, notes)


def _graph(draft: Draft[Experiment], readable: Readable, problems: Problems) -> Graph | None:
    """The network with its parameter groups; None if it has errors."""
    data = readable.data
    if data is None or not readable.whole or not draft.has("model", "initializer"):
        return None
    errors = Problems()
    graph = build_graph(draft.part.model, data.sample_shape, errors)
    _include(errors, problems)
    return None if errors else grouped(graph, draft.part.groups, problems)


def _scaled(data: Prepared, graph: Graph, experiment: Experiment, problems: Problems) -> Prepared:
    """The data with the scaling of targets that the network needs."""
    try:
        return scaled_targets(data, graph, experiment.loss)
    except DataError as error:
        problems.add(experiment.data.place_of("target_scaling"), str(error), cause=error)
        return replace(data, target_scaling=None)


def _monitors(
    draft: Draft[Experiment], data: Prepared | None, problems: Problems
) -> tuple[tuple[str, Mode], tuple[str | None, Mode]]:
    """The metric that determines the best epoch, and the one that the schedule watches."""
    monitor: tuple[str, Mode] = ("", "min")
    watched: tuple[str | None, Mode] = (None, "min")
    if not draft.has("metrics"):  # it may be one of those with errors
        return monitor, watched
    better = monitors.directions(draft.part, data)
    if draft.has("early_stopping.monitor"):
        monitor = monitors.monitor(draft.part, better, problems)
    if draft.has("schedule"):
        watched = monitors.watched(draft.part, better, monitor, problems)
    return monitor, watched


def _embeds(graph: Graph) -> bool:
    return any(node.operation.kind == "embedding" for node in graph.nodes)


def _include(errors: Problems, problems: Problems) -> None:
    """Note errors that were collected separately."""
    for place, what in errors.found():
        problems.add(place, what)


def _check_decay(experiment: Experiment, problems: Problems) -> None:
    """Check that weight decay is set only once."""
    optimizer = experiment.optimizer
    if experiment.weight_decay is not None and "weight_decay" in type(optimizer).model_fields:
        own = f"use optimizer.{optimizer.kind}.weight_decay"
        what = f"{optimizer.kind} has its own weight_decay"
        problems.add(experiment.place_of("weight_decay"), what, own)
