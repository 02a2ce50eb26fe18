"""From a spec to everything that training needs, with every fault that shows on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from dlrun import catalog
from dlrun.arrays import Array
from dlrun.augment.augmentation import Setting
from dlrun.data.dataset import Dataset
from dlrun.data.prepared import Prepared, prepare
from dlrun.data.section import DataSection
from dlrun.errors import DataError, ShapeError
from dlrun.nn.graph import Graph, build_graph
from dlrun.nn.group import grouped
from dlrun.nn.loss import Loss
from dlrun.nn.metric import names
from dlrun.nn.schedules.reduce_on_plateau import ReduceOnPlateau
from dlrun.nn.target import Target
from dlrun.nn.validity import output_mask
from dlrun.spec.component import Component
from dlrun.spec.document import Document
from dlrun.spec.origin import Default, Origin
from dlrun.spec.overrides import Overrides
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.spec.unknown import UNKNOWN, Facts, Missing
from dlrun.training import plugins
from dlrun.training.augmentations import augmentation_notes, check_augmentations, setting_of
from dlrun.training.balance import check_balance
from dlrun.training.early_stopping import Mode
from dlrun.training.experiment import Experiment
from dlrun.training.model_checks import check_model
from dlrun.training.padding import check_padding
from dlrun.training.shorter import shorter


@dataclass(frozen=True, slots=True)
class Compiled:
    """An experiment with its data and its network's structure; nothing is trained.

    Attributes:
        experiment: what the spec says.
        data: read, split and preprocessed.
        graph: the network without its numbers.
        setting: what augmentations may know of the data.
        monitor: the metric that tells the best epoch, as ``validation.loss``.
        mode: whether less or more of it is better.
        watched: the metric that the schedule watches; None where that is nothing.
        watched_mode: whether less or more of it is better.
        shorter: by length, the network for batches of shorter texts.
        notes: what the user should know of the data and of how it is used, a line each.
    """

    experiment: Experiment
    data: Prepared
    graph: Graph
    setting: Setting
    monitor: str
    mode: Mode
    watched: str | None = None
    watched_mode: Mode = "min"
    shorter: Mapping[int, Graph] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Prepare = Callable[[DataSection, int, Path], Prepared]
"""What makes the data of a section, a seed and a folder: ``prepare``, or one that remembers."""


def compile_spec(
    path: Path, overrides: Overrides = (), *, allow_plugins: plugins.Allow = False
) -> Compiled:
    """Read a spec, load its data and work out its network.

    Args:
        path: of the YAML file; paths in it are relative to its folder.
        overrides: keys with other values.
        allow_plugins: whether the Python files that it names may run.

    Raises:
        SpecError: there are faults; all that can be seen at once are in it.
    """
    document = Document.open(path, Experiment, overrides)
    return compile_document(document, allow_plugins=allow_plugins)


def compile_document(
    document: Document[Experiment],
    prepare: Prepare = prepare,
    *,
    allow_plugins: plugins.Allow = False,
) -> Compiled:
    """Load the data of a spec that has been read, and work out its network.

    Args:
        document: the spec; paths in it are relative to the folder of ``document.path``.
        prepare: makes the data.
        allow_plugins: whether the Python files that it names may run.

    Raises:
        SpecError: there are faults; all that can be seen at once are in it.
    """
    plugins.load(document, allow_plugins)
    data = data_of(document, prepare)
    experiment = document.build(facts_of(data))
    assert data is not None
    here = tuple(each.anchored(document.path.parent) for each in experiment.augment)
    experiment = experiment.model_copy(update={"augment": here})
    problems = Problems()
    graph = build_graph(experiment.model, data.sample_shape, problems)
    faulty = bool(problems)
    if not faulty:
        graph = grouped(graph, experiment.groups, problems)
    _check_scores(experiment, data, None if faulty else graph, problems)
    setting = setting_of(experiment, data, document.path.parent, problems)
    check_augmentations(experiment, data, setting, problems)
    check_balance(experiment, problems)
    _check_decay(experiment, problems)
    better = _better(experiment, data)
    monitor, mode = _monitor(experiment, better, problems)
    watched, watched_mode = _watched(experiment, better, (monitor, mode), problems)
    short: Mapping[int, Graph] = {}
    notes: Sequence[str] = ()
    if not problems:
        notes = check_model(experiment, data, graph, target_of(data.train), monitor, problems)
        check_padding(graph, data, problems)
    if data.train.buckets is not None and not problems:
        short = shorter(experiment, graph, data.train.buckets, problems)
    problems.raise_if_any()
    if not experiment.augment:
        data = data.without_source()
    return Compiled(
        experiment,
        data,
        graph,
        setting,
        monitor,
        mode,
        watched,
        watched_mode,
        shorter=short,
        notes=(*data.notes, *augmentation_notes(experiment, data, setting), *notes),
    )


def read_experiment(path: Path, *, allow_plugins: plugins.Allow = False) -> Experiment:
    """A resolved spec, in which nothing is left to interpolate; its data is not looked at.

    Args:
        path: of the YAML file.
        allow_plugins: whether the Python files that it names may run.

    Raises:
        SpecError: there are faults.
    """
    assert catalog.MODULES
    document = Document.open(path, Experiment)
    plugins.load(document, allow_plugins)
    return document.build({})


def read_trained(path: Path) -> Experiment:
    """A resolved spec without its augmentations, which a network that is trained does not need.

    No Python file that it names is run.

    Raises:
        SpecError: there are faults.
    """
    assert catalog.MODULES
    return Document.open(path, Experiment).without("augment").build({})


T = TypeVar("T")


def data_of(
    document: Document[Experiment], read: Callable[[DataSection, int, Path], T]
) -> T | None:
    """What ``read`` makes of a section, a seed and a folder.

    None, with a problem noted, where the section is faulty or the data cannot be had.
    """
    assert catalog.MODULES
    section, seed = document.field("data"), document.field("seed")
    if section is None or seed is None:
        return None
    try:
        return read(section, seed, document.path.parent)
    except DataError as fault:
        place = fault.place if isinstance(fault.place, Origin) else Default()
        said = not isinstance(place, Default)
        place = place if said else section.source.origin
        document.problems.add(place, str(fault), cause=fault)
        return None


def facts_of(data: Prepared | None) -> Facts:
    """What ``${classes}`` and the like stand for; of data that could not be had, nobody knows."""
    if data is None:
        return {"classes": UNKNOWN, "features": UNKNOWN, "vocabulary": UNKNOWN}
    absent = {name: Missing(reason) for name, reason in data.absent_facts.items()}
    return {**data.facts, **absent}


def _check_scores(
    experiment: Experiment, data: Prepared, graph: Graph | None, problems: Problems
) -> None:
    """Whether loss and metrics are for such data and such a network, if there is one."""
    loss, target = experiment.loss, target_of(data.train)
    try:
        if graph is not None:
            target = target_of(data.train, graph, loss)
            _check_steps(graph, target)
            loss.check(graph.output.shape, target)
    except ShapeError as fault:
        problems.add(loss.origin, str(fault))
    for number, metric in enumerate(experiment.metrics):
        if metric in experiment.metrics[:number]:
            problems.add(metric.origin, f"'{metric.kind}' is listed twice", "remove one")
        if target.task not in metric.tasks:
            scored = " and ".join(metric.tasks)
            problems.add(
                metric.origin, f"'{metric.kind}' scores {scored}", f"the data is {target.task}"
            )
            continue
        if metric.needs_probabilities and not loss.probabilistic:
            what = f"'{metric.kind}' needs probabilities, '{loss.kind}' gives scores"
            problems.add(metric.origin, what, "use another loss or metric")
        try:
            metric.check(target)
        except ShapeError as fault:
            problems.add(metric.origin, str(fault))


def _check_steps(graph: Graph, target: Target) -> None:
    """Whether the steps of an output with a mask are steps of the targets.

    Raises:
        ShapeError: they are not.
    """
    output = graph.output
    if output.mask is None:
        return
    if output.axis or target.task == "multi_label" or target.shape[:1] != output.shape[:1]:
        raise ShapeError(
            f"the network's output {output.shape} still has steps that are padding along its "
            f"axis {output.axis}, and a target of {target.shape} has no such steps; end the time "
            "axis before it, with mean_over_time, last_step or flatten"
        )


def target_of(train: Dataset, graph: Graph | None = None, loss: Loss | None = None) -> Target:
    """What the network is to say, from the training set.

    Args:
        train: the training set.
        graph: the network; where its output has a mask, only targets of valid steps count.
        loss: what it is trained for.
    """
    classes = None if train.classes is None else len(train.classes)
    mask = None if graph is None or loss is None else output_mask(graph, loss)
    if mask is None:
        return Target(train.task, train.targets, classes)
    valid = mask

    def of_rows(rows: slice) -> Array:
        return valid(train.inputs[rows])

    return Target(train.task, train.targets, classes, of_rows)


def _check_decay(experiment: Experiment, problems: Problems) -> None:
    """Whether weight decay is said once."""
    optimizer = experiment.optimizer
    if experiment.weight_decay is not None and "weight_decay" in type(optimizer).model_fields:
        own = f"use optimizer.{optimizer.kind}.weight_decay"
        problems.add(
            experiment.place_of("weight_decay"), f"{optimizer.kind} has a weight_decay", own
        )


def _better(experiment: Experiment, data: Prepared) -> Mapping[str, Mode]:
    """Which way is better, by metric of a part of the data; the first is watched by default."""
    parts = ["train"] if data.validation is None else ["validation", "train"]
    return {f"{part}.{name}": mode for part in parts for name, mode in _directions(experiment)}


def _monitor(
    experiment: Experiment, better: Mapping[str, Mode], problems: Problems
) -> tuple[str, Mode]:
    """The metric that tells the best epoch, and which way is better."""
    rules = experiment.early_stopping
    if rules is None:
        return next(iter(better.items()))
    return _way(rules, rules.monitor, rules.mode, better, problems)


def _watched(
    experiment: Experiment,
    better: Mapping[str, Mode],
    monitor: tuple[str, Mode],
    problems: Problems,
) -> tuple[str | None, Mode]:
    """The metric that the schedule watches, and which way is better."""
    schedule = experiment.schedule
    if not isinstance(schedule, ReduceOnPlateau):
        return None, "min"
    if schedule.monitor is None:
        return monitor[0], monitor[1] if schedule.mode == "auto" else schedule.mode
    return _way(schedule, schedule.monitor, schedule.mode, better, problems)


def _way(
    asks: Component,
    metric: str,
    mode: Literal["auto", "min", "max"],
    better: Mapping[str, Mode],
    problems: Problems,
) -> tuple[str, Mode]:
    """A metric that ``asks`` monitors, and which way is better."""
    if metric not in better:
        advice = did_you_mean(metric, better)
        problems.add(asks.place_of("monitor"), f"there is no '{metric}' to monitor", advice)
        return metric, "min"
    return metric, better[metric] if mode == "auto" else mode


def _directions(experiment: Experiment) -> Sequence[tuple[str, Mode]]:
    metrics = experiment.metrics
    better = (metric.better for metric in metrics)
    return [("loss", "min"), *zip(names(metrics), better, strict=True)]
