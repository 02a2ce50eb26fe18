"""Data that is read, split and preprocessed: all that training needs to know of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.buckets import Buckets
from dlrun.data.dataset import Dataset
from dlrun.data.digits import lost_digits
from dlrun.data.fingerprint import fingerprint
from dlrun.data.marks import MissingColumnError
from dlrun.data.pipeline import Pipeline, need_numbers
from dlrun.data.samples import narrowed
from dlrun.data.section import DataSection
from dlrun.errors import DataError


@dataclass(frozen=True, slots=True)
class Prepared:
    """The parts behind the pipeline.

    Attributes:
        train: never empty.
        source: the training part as the source gives it, which augmentation starts from; None
            once nobody needs it any more.
        validation: None where the spec asks for none.
        test: None where the spec asks for none.
        pipeline: what any further sample has to go through.
        source_shape: shape of one input as the source gives it.
        fingerprint: what tells all samples, targets and names from other data.
    """

    train: Dataset
    source: Dataset | None
    validation: Dataset | None
    test: Dataset | None
    pipeline: Pipeline
    source_shape: Shape
    fingerprint: str

    @property
    def sample_shape(self) -> Shape:
        """Shape of one input as the network gets it."""
        return self.train.sample_shape

    def without_source(self) -> Prepared:
        """The same for whoever takes the training part as it is behind the pipeline."""
        return replace(self, source=None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the data, a line each."""
        parts = (self.train, self.validation, self.test)
        return tuple(dict.fromkeys(note for part in parts if part for note in part.notes))

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """Files that were asked for and left out, each with what is wrong with it."""
        parts = (self.train, self.validation, self.test)
        return tuple(dict.fromkeys(each for part in parts if part for each in part.left_out))

    @property
    def facts(self) -> Mapping[str, int]:
        """What ``${...}`` of a spec may read: ``features``, ``classes`` and ``vocabulary``.

        Features are the columns of a table behind the pipeline, else the numbers in a sample;
        classes are classes or labels, which a regression does not have; the vocabulary is that of
        texts.
        """
        facts = {"features": math.prod(self.sample_shape)}
        if self.train.classes is not None:
            facts["classes"] = len(self.train.classes)
        if self.pipeline.vocabulary is not None:
            facts["vocabulary"] = self.pipeline.vocabulary
        return facts

    @property
    def absent_facts(self) -> Mapping[str, str]:
        """Why a fact that other data has is missing here."""
        absent = {}
        if self.train.classes is None:
            absent["classes"] = "the data is a regression, which has no classes"
        if self.pipeline.vocabulary is None:
            absent["vocabulary"] = "the data is no text"
        return absent


def prepare(section: DataSection, seed: int, folder: Path) -> Prepared:
    """Read, split and preprocess the data; nothing is trained.

    Args:
        section: what the spec says of it.
        seed: the run's seed.
        folder: where the spec lies; relative paths start there.

    Raises:
        DataError: the data is missing, broken or not what the section asks of it.
    """
    read = read_parts(section, seed, folder)
    parts = read.data
    source = parts["train"]
    steps = tuple(step.anchored(folder) for step in section.preprocess)
    pipeline, train = Pipeline.fit(steps, source)
    train = _with_float32_targets(train)
    source = replace(source, targets=train.targets)
    need_numbers(train, "train")
    others = {}
    for name in ("validation", "test"):
        if name in parts:
            others[name] = preprocessed(parts.pop(name), pipeline, name)
    if section.target == "input":
        train = train.reconstructing()
        others = {name: part.reconstructing() for name, part in others.items()}
    if section.sampling == "balanced":
        train = replace(train, drawn_evenly=_classes_of(source, section))
    if section.buckets > 1:
        train = replace(train, buckets=_buckets(train, pipeline, section))
    return Prepared(
        train,
        source,
        others.get("validation"),
        others.get("test"),
        pipeline,
        source.sample_shape,
        read.fingerprint,
    )


def preprocessed(data: Dataset, pipeline: Pipeline, name: str) -> Dataset:
    """A part as a network gets it, inputs and targets as float32.

    Args:
        data: as the source gives it.
        pipeline: fitted on the training part.
        name: what messages call the part.

    Raises:
        DataError: a network cannot read its inputs.
    """
    data = pipeline.apply(data)
    need_numbers(data, name)
    return replace(data, targets=narrowed(data.targets))


def _with_float32_targets(train: Dataset) -> Dataset:
    """The training part with targets as a loss reads them, and a note where they lose digits."""
    notes = train.notes
    if train.task == "regression" and lost_digits(train.targets, None):
        notes = (*notes, "targets lose digits as 32-bit numbers; subtract what all of them share")
    return replace(train, targets=narrowed(train.targets), notes=notes)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that a section asks for, as the source gives them.

    Attributes:
        data: by name; train comes first and is always there.
        rows: of each part, (n,) the numbers of its samples in the source, or in its own file.
        fingerprint: see ``Prepared``.
    """

    data: dict[str, Dataset]
    rows: Mapping[str, Array]
    fingerprint: str


def read_parts(
    section: DataSection, seed: int, folder: Path, classes: Sequence[str] | None = None
) -> Parts:
    """Read and split the data.

    A function of its own, so that the undivided data is gone before any step copies a part.

    Args:
        section: what the spec says of it.
        seed: the run's seed.
        folder: where the spec is; relative paths start there.
        classes: their order, where a network already knows these classes; None is that of the
            source.

    Raises:
        DataError: the data is missing, broken or not what the section asks of it.
    """
    source, split = section.source, section.split
    data = _in_order(_load(section, seed, folder), classes)
    if data.task == "classification" and data.classes is not None and len(data.classes) < 2:
        raise DataError(f"all targets are of one class, '{data.classes[0]}'; there must be two")
    chosen = split.rows(data, seed, folder)
    rows = {"train": chosen.train}
    parts = {"train": data if len(chosen.train) == len(data) else data.take(chosen.train)}
    given = []
    for name, share, own in (
        ("validation", split.validation, chosen.validation),
        ("test", split.test, chosen.test),
    ):
        if isinstance(share, str):
            parts[name] = source.load_file(share, folder, like=data)
            given.append(parts[name])
            rows[name] = np.arange(len(parts[name]))
        elif len(own):
            parts[name] = data.take(own)
            rows[name] = own
    return Parts(parts, rows, fingerprint([data, *given]))


def _in_order(data: Dataset, classes: Sequence[str] | None) -> Dataset:
    """The same data with its classes in this order, if these are its classes."""
    own = data.classes
    if own is None or classes is None or own == tuple(classes) or sorted(own) != sorted(classes):
        return data
    if data.task != "classification":
        return data
    codes = np.array([classes.index(name) for name in own])[data.codes]
    return replace(data, targets=codes, classes=tuple(classes))


def _classes_of(train: Dataset, section: DataSection) -> Array:
    """The one class of each sample."""
    if train.task != "classification" or len(train.targets.shape) > 1:
        raise DataError(
            "data.sampling: balanced needs one class a sample; set it to once",
            section.place_of("sampling"),
        )
    return train.codes


def _buckets(train: Dataset, pipeline: Pipeline, section: DataSection) -> Buckets:
    """The lengths of texts."""
    place = section.place_of("buckets")
    if pipeline.vocabulary is None or not isinstance(train.inputs, np.ndarray):
        raise DataError("data.buckets are for texts, which tokenize makes tokens of", place)
    if section.target == "input":
        raise DataError("data.buckets cut inputs, and here they are targets too", place)
    return Buckets.of(train.inputs, section.buckets)


def _load(section: DataSection, seed: int, folder: Path) -> Dataset:
    """The undivided data, with marks of the columns that the split needs."""
    columns = section.split.columns
    if not columns:
        return section.source.load(seed, folder)
    try:
        return section.source.load_marked(tuple(columns.values()), seed, folder)
    except MissingColumnError as fault:
        raise DataError(str(fault), section.split.place_of(next(iter(columns)))) from fault
