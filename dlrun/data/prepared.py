"""Data that has been read, split and preprocessed, ready for training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.buckets import Buckets
from dlrun.data.dataset import Dataset
from dlrun.data.parts import read_parts
from dlrun.data.precision import lost_digits
from dlrun.data.preprocess.pipeline import Pipeline, need_numbers
from dlrun.data.samples import narrowed
from dlrun.data.section import DataSection
from dlrun.data.target_scaling import TargetScaling
from dlrun.errors import DataError

_LISTED = 5
"""Classes that a note lists, at most."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Training, validation and test set after preprocessing.

    Attributes:
        train: never empty.
        source: the training set before preprocessing, which augmentation starts from; None
            if it is no longer needed.
        validation: None if the spec has no validation set.
        test: None if the spec has no test set.
        pipeline: the preprocessing for further samples.
        source_shape: shape of one input before preprocessing.
        rows: of each set, as in ``Parts``.
        fingerprint: a checksum of all samples, targets and names.
        target_scaling: what the network learns instead of targets; None for the targets themselves.
    """

    train: Dataset
    source: Dataset | None
    validation: Dataset | None
    test: Dataset | None
    pipeline: Pipeline
    source_shape: Shape
    rows: Mapping[str, Array]
    fingerprint: str
    target_scaling: TargetScaling | None = None

    @property
    def sample_shape(self) -> Shape:
        """Shape of one input as the network gets it."""
        return self.train.sample_shape

    def without_source(self) -> Prepared:
        """The same data without the training set before preprocessing."""
        return replace(self, source=None)

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the user on the data, one line each."""
        parts = (self.train, self.validation, self.test)
        return tuple(dict.fromkeys(note for part in parts if part for note in part.notes))

    @property
    def members(self) -> dict[str, tuple[Sequence[int], Sequence[str] | None]]:
        """The rows of the samples of each set, and the names of their files, if they have any."""
        return {name: (self.rows[name].tolist(), part.names) for name, part in self.sets.items()}

    @property
    def sizes(self) -> dict[str, int]:
        """The number of samples of each set that there is."""
        return {name: len(part) for name, part in self.sets.items()}

    @property
    def sets(self) -> dict[str, Dataset]:
        """The sets that there are, by the part of the names of their scores."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    @property
    def left_out(self) -> tuple[tuple[str, str], ...]:
        """Requested files that were left out, each with its error."""
        parts = (self.train, self.validation, self.test)
        return tuple(dict.fromkeys(each for part in parts if part for each in part.left_out))

    @property
    def facts(self) -> Mapping[str, int]:
        """The values of ``${features}``, ``${classes}`` and ``${vocabulary}`` in a spec.

        Features are the input values per sample after preprocessing.  Classes, or the labels of
        multi-label data, exist except for regression; the vocabulary exists for texts.
        """
        facts = {"features": math.prod(self.sample_shape)}
        if self.train.classes is not None:
            facts["classes"] = len(self.train.classes)
        if self.pipeline.vocabulary is not None:
            facts["vocabulary"] = self.pipeline.vocabulary
        return facts

    @property
    def absent_facts(self) -> Mapping[str, str]:
        """Why one of these values does not exist for this data."""
        absent = {}
        if self.train.classes is None:
            absent["classes"] = "the data is a regression, which has no classes"
        if self.pipeline.vocabulary is None:
            absent["vocabulary"] = "the data is not text"
        return absent


def prepare(section: DataSection, seed: int, folder: Path) -> Prepared:
    """Read, split and preprocess the data.

    Args:
        section: the section ``data`` of the spec.
        seed: the run's seed.
        folder: the spec's folder; relative paths start there.

    Raises:
        DataError: the data is missing, broken or does not fit the section.
    """
    read = read_parts(section, seed, folder)
    parts = read.data
    source = parts["train"]
    steps = tuple(step.anchored(folder) for step in section.preprocess)
    scaling = _scaling(section, source)
    pipeline, train = Pipeline.fit(steps, source)
    train = _with_float32_targets(train)
    if section.target == "source":
        train = replace(train, notes=(*train.notes, *_untrained(train)))
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
        read.rows,
        read.fingerprint,
        scaling,
    )


def _scaling(section: DataSection, train: Dataset) -> TargetScaling | None:
    """The scaling of targets, fitted to the training set.

    Only a network shows which steps are padding, so all are included here; see
    ``experiment.target.scaled_targets``.
    """
    if section.target_scaling is None:
        return None
    try:
        return TargetScaling.fit(section.target_scaling, train)
    except DataError as error:
        raise DataError(str(error), section.place_of("target_scaling")) from error


def preprocessed(data: Dataset, pipeline: Pipeline, name: str) -> Dataset:
    """A set after preprocessing, with inputs and targets as float32.

    Args:
        data: the set as the source returns it.
        pipeline: fitted on the training set.
        name: the set's name in messages.

    Raises:
        DataError: its inputs are not numbers, missing or infinite.
    """
    data = pipeline.apply(data)
    need_numbers(data, name)
    return replace(data, targets=narrowed(data.targets))


def _with_float32_targets(train: Dataset) -> Dataset:
    """The training set with float32 targets, and a note if they lose digits."""
    notes = train.notes
    if train.task == "regression" and lost_digits(train.targets, None):
        notes = (*notes, "targets lose digits as 32-bit floats; subtract a constant")
    return replace(train, targets=narrowed(train.targets), notes=notes)


def _untrained(train: Dataset) -> tuple[str, ...]:
    """One line if the training set has no sample of some classes."""
    if train.task != "classification" or train.classes is None:
        return ()
    counts = np.bincount(train.codes.reshape(-1), minlength=len(train.classes))
    lacking = [name for name, count in zip(train.classes, counts, strict=True) if not count]
    if not lacking:
        return ()
    more = ", ..." if len(lacking) > _LISTED else ""
    return (
        f"the training set has no sample of {len(lacking)} of {len(counts)} classes, which the "
        f"network cannot learn: {', '.join(lacking[:_LISTED])}{more}; add samples, or set "
        "data.split.stratify to true",
    )


def _classes_of(train: Dataset, section: DataSection) -> Array:
    """The class of each sample, (n,) int64."""
    if train.task != "classification" or len(train.targets.shape) > 1:
        raise DataError(
            "data.sampling: balanced needs exactly one class per sample; set it to once",
            section.place_of("sampling"),
        )
    return train.codes


def _buckets(train: Dataset, pipeline: Pipeline, section: DataSection) -> Buckets:
    """The lengths for length bucketing."""
    place = section.place_of("buckets")
    if pipeline.vocabulary is None or not isinstance(train.inputs, np.ndarray):
        raise DataError(
            "data.buckets needs texts and tokenize in data.preprocess; remove buckets", place
        )
    if section.target == "input":
        raise DataError("data.buckets cannot be used with target: input; remove one of them", place)
    return Buckets.of(train.inputs, section.buckets)
