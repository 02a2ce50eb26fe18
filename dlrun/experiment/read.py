"""Reading a spec as an experiment, and its data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dlrun import catalog
from dlrun.data.prepared import Prepared
from dlrun.data.section import DataSection
from dlrun.data.source_keys import spelled
from dlrun.errors import DataError
from dlrun.experiment import plugins
from dlrun.experiment.experiment import Experiment
from dlrun.spec.document import Document
from dlrun.spec.origin import Default, Origin
from dlrun.spec.unknown import UNKNOWN, Facts, Missing

if TYPE_CHECKING:
    from dlrun.run_directory.saved_run import SavedRun

T = TypeVar("T")

Read = Callable[[DataSection, int, Path], Prepared]
"""Makes the data from a section, a seed and a folder."""


def read_experiment(path: Path, *, allow_plugins: plugins.Allow = False) -> Experiment:
    """A resolved spec, which has nothing left to interpolate; its data is not read.

    Args:
        path: of the YAML file.
        allow_plugins: whether the Python files that it names may run.

    Raises:
        SpecError: the spec has errors; the message lists all of them.
    """
    catalog.load()
    document = Document.open(path, Experiment)
    plugins.load(document, allow_plugins)
    return document.build({})


def read_trained(run: SavedRun) -> Experiment:
    """The spec of a run without its augmentations, which a trained network does not need.

    The Python files that it names are not run.

    Raises:
        SpecError: the spec has errors; the message lists all of them.
    """
    catalog.load()
    return _resolved(run).without("augment").build({})


def named_plugins(run: SavedRun) -> tuple[str, ...]:
    """The Python files that the spec of a run names; they are not run."""
    return tuple(_resolved(run).field("plugins") or ())


def data_section(run: SavedRun) -> DataSection | None:
    """The section ``data`` of the spec of a run; None if it has errors.

    Raises:
        SpecError: the spec cannot be read.
    """
    catalog.load()
    found = _resolved(run).field("data")
    return found if isinstance(found, DataSection) else None


def _resolved(run: SavedRun) -> Document[Experiment]:
    """The resolved spec of a run.

    Raises:
        SpecError: it cannot be read, or does not contain a mapping.
    """
    return Document.of_content(run.read_resolved(), run.resolved_file, Experiment)


def data_of(
    document: Document[Experiment], read: Callable[[DataSection, int, Path], T]
) -> T | None:
    """The data of a spec.

    Args:
        document: the spec; its problems get every error.
        read: makes the data from the section, the seed and the folder where paths start.

    Returns:
        The result of ``read``; None if the section has errors or the data cannot be read.
    """
    catalog.load()
    section, seed = document.field("data"), document.field("seed")
    return None if section is None or seed is None else _read(document, section, seed, read)


def _read(
    document: Document[Experiment],
    section: DataSection,
    seed: int,
    read: Callable[[DataSection, int, Path], T],
) -> T | None:
    """The data of a section; None if it cannot be read, which is noted as an error."""
    try:
        return read(section, seed, document.path.parent)
    except DataError as error:
        place = error.place if isinstance(error.place, Origin) else Default()
        if isinstance(place, Default):
            place = section.source.origin
        document.problems.add(place, spelled(str(error), section.source), cause=error)
        return None


@dataclass(frozen=True, slots=True)
class Readable:
    """The data of a spec, which may have errors.

    Attributes:
        data: as far as it can be read; None if not even its targets are known.
        whole: whether inputs are preprocessed as the spec asks, so that their shape is known.
    """

    data: Prepared | None
    whole: bool = True

    @property
    def facts(self) -> Facts:
        """The values of ``${classes}`` and so on, as far as they are known."""
        facts = facts_of(self.data)
        if self.whole:
            return facts
        return {**facts, "features": UNKNOWN, "vocabulary": UNKNOWN}


def readable_data(document: Document[Experiment], read: Read) -> Readable:
    """The data of a spec as far as it can be read without the fields that have errors.

    Args:
        document: the spec; its problems get every error.
        read: makes the data from the section, the seed and the folder where paths start.
    """
    draft, seed = document.field_draft("data", DataSection), document.field("seed")
    if draft is None or not draft.has("source", "split", "target", "buckets"):
        return Readable(None)
    whole, section = draft.has("preprocess"), draft.part
    if whole and seed is not None:
        return Readable(_read(document, section, seed, read))
    if section.target == "input":
        return Readable(None)
    section = section.model_copy(update={} if whole else {"preprocess": (), "buckets": 1})
    try:
        return Readable(read(section, seed or 0, document.path.parent), whole)
    except DataError:  # what has errors may be what the data needs
        return Readable(None)


def facts_of(data: Prepared | None) -> Facts:
    """The values of ``${classes}`` and so on; unknown ones if the data could not be read."""
    if data is None:
        return {"classes": UNKNOWN, "features": UNKNOWN, "vocabulary": UNKNOWN}
    absent = {name: Missing(reason) for name, reason in data.absent_facts.items()}
    return {**data.facts, **absent}
