"""From a spec to everything that training needs, with all errors that can be found before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dlrun import catalog
from dlrun.augment.augmentation import Setting
from dlrun.data.prepared import Prepared, prepare
from dlrun.data.section import DataSection
from dlrun.experiment import plugins
from dlrun.experiment.augmentations import augmentation_notes
from dlrun.experiment.checks import check
from dlrun.experiment.early_stopping import Mode
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.numerics import need_numerics, need_written_out
from dlrun.experiment.read import readable_data
from dlrun.experiment.shorter import shorter
from dlrun.experiment.target import learning
from dlrun.nn.graph.builder import Graph
from dlrun.spec.document import Document
from dlrun.spec.draft import Draft
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides


@dataclass(frozen=True, slots=True)
class Compiled:
    """An experiment with its data and its network's structure; nothing is trained.

    Attributes:
        experiment: the content of the spec.
        data: read, split and preprocessed.
        graph: the network without values of parameters.
        setting: the properties of the data that augmentations need.
        monitor: the metric that determines the best epoch, such as ``validation.loss``.
        mode: whether lower or higher is better.
        watched: the metric that the schedule watches; None if it watches none.
        watched_mode: whether lower or higher is better.
        shorter: by length, the network for batches of shorter texts.
        notes: notes for the user on the data and its use, one line each.
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
"""Makes the data from a section, a seed and a folder: ``prepare``, or a version with a cache."""


def compile_spec(
    spec: Given,
    overrides: Overrides = (),
    *,
    allow_plugins: plugins.Allow = False,
    to_look_at: bool = False,
) -> Compiled:
    """Read a spec, load its data and build its network.

    Args:
        spec: path of the YAML file, to whose folder paths in it are relative; or its content, with
            paths relative to the working directory.
        overrides: values that replace those of keys.
        allow_plugins: whether the Python files that it names may run.
        to_look_at: as for ``compile_document``.

    Raises:
        SpecError: the spec has errors; the message lists all that can be found at once.
        NotPinnedError, MachineError: as ``compile_document``.
    """
    catalog.load()
    document = Document.open(spec, Experiment, overrides)
    return compile_document(document, allow_plugins=allow_plugins, to_look_at=to_look_at)


def compile_document(
    document: Document[Experiment],
    prepare: Prepare = prepare,
    *,
    allow_plugins: plugins.Allow = False,
    to_look_at: bool = False,
) -> Compiled:
    """Load the data of a spec that has been read, and build its network.

    Args:
        document: the spec; paths in it are relative to the folder of ``document.path``.
        prepare: makes the data.
        allow_plugins: whether the Python files that it names may run.
        to_look_at: whether the result is only shown, so that last bits do not matter and any
            process may do it.

    Raises:
        SpecError: the spec has errors; the message lists all that can be found at once.
        NotPinnedError, MachineError: it asks for portable numerics, and this process has not.
    """
    catalog.load()
    need_written_out(document)
    if not to_look_at:
        need_numerics(document)
    plugins.load(document, allow_plugins)
    folder, problems = document.path.parent, document.problems
    readable = readable_data(document, prepare)
    draft = document.draft(readable.facts)
    here = tuple(each.anchored(folder) for each in draft.part.augment)
    experiment = draft.part.model_copy(update={"augment": here})
    checked = check(Draft(experiment, draft.failed), readable, folder, problems)
    data = checked.data
    if data is not None and draft.has("loss"):
        loss = learning(experiment.loss, data.target_scaling)
        experiment = experiment.model_copy(update={"loss": loss})
    short: Mapping[int, Graph] = {}
    if not problems and data is not None and data.train.buckets is not None:
        assert checked.graph is not None
        short = shorter(experiment, checked.graph, data.train.buckets, problems)
    problems.raise_if_any(() if data is None else data.notes)
    assert data is not None and checked.graph is not None and checked.setting is not None
    if not experiment.augment:
        data = data.without_source()
    return Compiled(
        experiment,
        data,
        checked.graph,
        checked.setting,
        *checked.monitor,
        *checked.watched,
        shorter=short,
        notes=(
            *data.notes,
            *augmentation_notes(experiment, data, checked.setting),
            *checked.notes,
        ),
    )
