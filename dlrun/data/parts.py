"""Data that has been read and split: the sets that a section defines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.fingerprint import fingerprint
from dlrun.data.section import DataSection
from dlrun.data.side_columns import MissingColumnError
from dlrun.data.source_keys import spelling, with_notes_spelled
from dlrun.errors import DataError, MachineError


@dataclass(frozen=True, slots=True)
class Parts:
    """The sets that a section defines, as the source returns them.

    Attributes:
        data: by name; ``train`` is first and always present.
        rows: of each set, (n,) the indices of its samples in the source or in its own file.
        fingerprint: a checksum of all samples, targets and names.
    """

    data: dict[str, Dataset]
    rows: Mapping[str, Array]
    fingerprint: str


def read_parts(
    section: DataSection, seed: int, folder: Path, classes: Sequence[str] | None = None
) -> Parts:
    """Read and split the data.

    A separate function, so that the undivided data is freed before preprocessing copies a set.

    Args:
        section: the section ``data`` of the spec.
        seed: the run's seed.
        folder: the spec's folder; relative paths start there.
        classes: the order of classes in a trained network; None for the order of the source.

    Raises:
        DataError: the data is missing, broken or does not fit the section.
    """
    split = section.split
    data = _in_order(_load(section, seed, folder), classes)
    few = data.task == "classification" and len(data.classes or ()) < 2
    if few and data.classes and section.target == "source":
        raise DataError(
            f"all targets have the same class, '{data.classes[0]}'; at least two classes are needed"
        )
    chosen = split.rows(data, seed, folder)
    rows = {"train": chosen.train}
    parts = {"train": data if len(chosen.train) == len(data) else data.take(chosen.train)}
    given = []
    for name, share, own in (
        ("validation", split.validation, chosen.validation),
        ("test", split.test, chosen.test),
    ):
        if isinstance(share, str):
            like = replace(data, new_categories=section.new_categories)
            try:
                parts[name] = read_file(section, share, folder, like)
            except MachineError:
                raise
            except DataError as error:
                raise DataError(str(error), error.place or split.place_of(name)) from error
            given.append(parts[name])
            rows[name] = np.arange(len(parts[name]))
        elif len(own):
            parts[name] = data.take(own)
            rows[name] = own
    return Parts(parts, rows, fingerprint([data, *given]))


def read_file(section: DataSection, path: str, folder: Path, like: Dataset) -> Dataset:
    """Further samples with targets; those of an autoencoder need none.

    Args:
        section: the section ``data`` of the spec.
        path: of the file or folder.
        folder: the folder where relative paths start.
        like: the training data.

    Raises:
        DataError: as ``Source.load_file``.
    """
    with spelling(section.source):
        return with_notes_spelled(_read_file(section, path, folder, like), section.source)


def _read_file(section: DataSection, path: str, folder: Path, like: Dataset) -> Dataset:
    source = section.source
    try:
        return source.load_file(path, folder, like=like)
    except DataError:
        if section.target == "source":
            raise
        try:
            samples = source.load_inputs(path, folder, like)
        except DataError:
            samples = None
        if samples is None:  # its inputs are broken, too
            raise
    return replace(Dataset.without_targets(samples.inputs, like.columns), notes=samples.notes)


def _in_order(data: Dataset, classes: Sequence[str] | None) -> Dataset:
    """The same data with its classes in this order, if it has exactly these classes."""
    own = data.classes
    if own is None or classes is None or own == tuple(classes) or sorted(own) != sorted(classes):
        return data
    if data.task != "classification":
        return data
    codes = np.array([classes.index(name) for name in own])[data.codes]
    return replace(data, targets=codes, classes=tuple(classes))


def _load(section: DataSection, seed: int, folder: Path) -> Dataset:
    """The undivided data, with the side columns that the split needs."""
    with spelling(section.source):
        return with_notes_spelled(_undivided(section, seed, folder), section.source)


def _undivided(section: DataSection, seed: int, folder: Path) -> Dataset:
    columns, source = section.split.columns, section.source
    names = tuple(columns.values())
    try:
        if section.target == "input":
            return source.load_as_target(names, seed, folder)
        return source.load_with_columns(names, seed, folder) if names else source.load(seed, folder)
    except MissingColumnError as error:
        if not names:
            raise
        raise DataError(str(error), section.split.place_of(next(iter(columns)))) from error
