"""From a spec to everything that training needs, with every fault that shows on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun import catalog
from dlrun.data.prepared import Prepared, prepare
from dlrun.data.section import DataSection
from dlrun.errors import DataError, ShapeError
from dlrun.nn.graph import Graph, build_graph
from dlrun.spec.document import Document
from dlrun.spec.overrides import Overrides
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.spec.unknown import UNKNOWN, Facts, Missing
from dlrun.training.early_stopping import Mode
from dlrun.training.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Compiled:
    """An experiment with its data and its network's structure; nothing is trained.

    Attributes:
        experiment: what the spec says.
        data: read, split and preprocessed.
        graph: the network without its numbers.
        monitor: the metric that tells the best epoch, as ``validation.loss``.
        mode: whether less or more of it is better.
    """

    experiment: Experiment
    data: Prepared
    graph: Graph
    monitor: str
    mode: Mode


Prepare = Callable[[DataSection, int, Path], Prepared]
"""What makes the data of a section, a seed and a folder: ``prepare``, or one that remembers."""


def compile_spec(path: Path, overrides: Overrides = ()) -> Compiled:
    """Read a spec, load its data and work out its network.

    Args:
        path: of the YAML file; paths in it are relative to its folder.
        overrides: keys with other values.

    Raises:
        SpecError: there are faults; all that can be seen at once are in it.
    """
    return compile_document(Document.open(path, Experiment, overrides))


def compile_document(document: Document[Experiment], prepare: Prepare = prepare) -> Compiled:
    """Load the data of a spec that has been read, and work out its network.

    Args:
        document: the spec; paths in it are relative to the folder of ``document.path``.
        prepare: makes the data.

    Raises:
        SpecError: there are faults; all that can be seen at once are in it.
    """
    data = _data(document, prepare)
    experiment = document.build(_facts(data))
    assert data is not None
    problems = Problems()
    graph = build_graph(experiment.model, data.sample_shape, problems)
    _check_scores(experiment, data, None if problems else graph, problems)
    monitor, mode = _monitor(experiment, data, problems)
    problems.raise_if_any()
    return Compiled(experiment, data, graph, monitor, mode)


def read_experiment(path: Path) -> Experiment:
    """A resolved spec, in which nothing is left to interpolate; its data is not looked at.

    Raises:
        SpecError: there are faults.
    """
    assert catalog.MODULES
    return Document.open(path, Experiment).build({})


def _data(document: Document[Experiment], prepare: Prepare) -> Prepared | None:
    """The data; None, with a problem noted, where it cannot be had."""
    assert catalog.MODULES
    section, seed = document.field("data"), document.field("seed")
    if section is None or seed is None:
        return None
    try:
        return prepare(section, seed, document.path.parent)
    except DataError as fault:
        document.problems.add(section.source.origin, str(fault))
        return None


def _facts(data: Prepared | None) -> Facts:
    if data is None:
        return {"classes": UNKNOWN, "features": UNKNOWN}
    absent = {name: Missing(reason) for name, reason in data.absent_facts.items()}
    return {**data.facts, **absent}


def _check_scores(
    experiment: Experiment, data: Prepared, graph: Graph | None, problems: Problems
) -> None:
    """Whether loss and metrics are for such data and such a network, if there is one."""
    train = data.train
    classes = None if train.classes is None else len(train.classes)
    try:
        if graph is not None:
            experiment.loss.check(graph.output.shape, train.targets.shape[1:], classes)
    except ShapeError as fault:
        problems.add(experiment.loss.origin, str(fault))
    seen = set()
    for metric in experiment.metrics:
        if metric.task != train.task:
            problems.add(
                metric.origin, f"'{metric.kind}' scores {metric.task}", f"the data is {train.task}"
            )
        if metric.kind in seen:
            problems.add(metric.origin, f"'{metric.kind}' is listed twice", "remove one")
        seen.add(metric.kind)


def _monitor(experiment: Experiment, data: Prepared, problems: Problems) -> tuple[str, Mode]:
    """The metric that tells the best epoch, and which way is better."""
    parts = ["train"] if data.validation is None else ["validation", "train"]
    better: dict[str, Mode] = {
        f"{part}.{name}": mode for part in parts for name, mode in _directions(experiment)
    }
    rules = experiment.early_stopping
    if rules is None:
        return f"{parts[0]}.loss", "min"
    if rules.monitor not in better:
        advice = did_you_mean(rules.monitor, better)
        problems.add(rules.place_of("monitor"), f"there is no '{rules.monitor}' to monitor", advice)
        return rules.monitor, "min"
    return rules.monitor, better[rules.monitor] if rules.mode == "auto" else rules.mode


def _directions(experiment: Experiment) -> Sequence[tuple[str, Mode]]:
    return [("loss", "min"), *((metric.kind, metric.better) for metric in experiment.metrics)]
