"""Data that is read, split and preprocessed: all that training needs to know of it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dlrun.arrays import Shape
from dlrun.data.dataset import Dataset
from dlrun.data.pipeline import Pipeline, need_numbers
from dlrun.data.samples import chunks
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
        fingerprint: SHA-256, in hex, of all samples and targets as the source gave them.
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
        """What ``${...}`` of a spec may read: ``features`` and, but for regression, ``classes``.

        Features are the columns of a table behind the pipeline, else the numbers in a sample;
        classes are classes or labels.
        """
        facts = {"features": math.prod(self.sample_shape)}
        if self.train.classes is not None:
            facts["classes"] = len(self.train.classes)
        return facts

    @property
    def absent_facts(self) -> Mapping[str, str]:
        """Why a fact that other data has is missing here."""
        if self.train.classes is None:
            return {"classes": "the data is a regression, which has no classes"}
        return {}


def prepare(section: DataSection, seed: int, folder: Path) -> Prepared:
    """Read, split and preprocess the data; nothing is trained.

    Args:
        section: what the spec says of it.
        seed: the run's seed.
        folder: where the spec lies; relative paths start there.

    Raises:
        DataError: the data is missing, broken or not what the section asks of it.
    """
    parts, fingerprint = _read(section, seed, folder)
    source = parts["train"]
    pipeline, train = Pipeline.fit(section.preprocess, source)
    need_numbers(train, "train")
    others = {}
    for name in ("validation", "test"):
        if name in parts:
            others[name] = pipeline.apply(parts.pop(name))
            need_numbers(others[name], name)
    if section.target == "input":
        train = train.reconstructing()
        others = {name: part.reconstructing() for name, part in others.items()}
    return Prepared(
        train,
        source,
        others.get("validation"),
        others.get("test"),
        pipeline,
        source.sample_shape,
        fingerprint,
    )


def _read(section: DataSection, seed: int, folder: Path) -> tuple[dict[str, Dataset], str]:
    """The parts that the section asks for by name, and the fingerprint of what they come from.

    A function of its own, so that the undivided data is gone before any step copies a part.
    """
    source, split = section.source, section.split
    data = source.load(seed, folder)
    if data.task == "classification" and data.classes is not None and len(data.classes) < 2:
        raise DataError(f"all targets are of one class, '{data.classes[0]}'; there must be two")
    rows = split.rows(data, seed)
    parts = {"train": data if len(rows.train) == len(data) else data.take(rows.train)}
    given = []
    for name, share, chosen in (
        ("validation", split.validation, rows.validation),
        ("test", split.test, rows.test),
    ):
        if isinstance(share, str):
            parts[name] = source.load_file(share, folder, like=data)
            given.append(parts[name])
        elif len(chosen):
            parts[name] = data.take(chosen)
    return parts, _fingerprint([data, *given])


def _fingerprint(datasets: Sequence[Dataset]) -> str:
    digest = hashlib.sha256()
    for data in datasets:
        for samples in (data.inputs, data.targets):
            digest.update(f"{samples.dtype.str}{samples.shape}".encode())
            for chunk in chunks(samples):
                digest.update(np.ascontiguousarray(chunk).data.cast("B"))
    return digest.hexdigest()
