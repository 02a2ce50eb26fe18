"""A run asked again: scores of its own data or of a file, and answers for samples without any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.fingerprint import same_data
from dlrun.data.pipeline import Pipeline
from dlrun.data.prepared import preprocessed, read_parts
from dlrun.errors import DataError
from dlrun.nn.answers import class_probabilities, said_classes, said_labels
from dlrun.nn.threads import alone
from dlrun.runs.directory import RunDirectory
from dlrun.training import stored
from dlrun.training.compile import read_trained, target_of
from dlrun.training.scores import evaluate, prefixed


@dataclass(frozen=True, slots=True)
class Answers:
    """What a network says of samples, as a table.

    Attributes:
        header: ``sample``, ``prediction`` and, where the loss gives some, probabilities.
        rows: a row a sample.
    """

    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]


Tell = Callable[[str], object]
"""Takes a line on what the user should know of the samples, such as files that were left out."""


def scores_of(
    directory: RunDirectory, which: stored.Which, tell: Tell, file: str | None = None
) -> dict[str, float]:
    """Score a run's network, in evaluation mode and with the preprocessing that it has stored.

    Args:
        directory: the run's.
        which: the weights.
        tell: gets a line for each thing that the user should know of the samples.
        file: samples with targets, in the form of the run's source; None scores the run's own
            validation and test part, as ``validation.loss``, to the bits of its result.

    Raises:
        DataError: the run or the file cannot be read, or the run's data is not what it was.
    """
    experiment = read_trained(directory.resolved_file)
    section = experiment.data
    found = stored.load(directory, which)
    parts = read_parts(section, experiment.seed, directory.path, found.classes)
    if file is None and not same_data(parts.fingerprint, directory.environment().get("data")):
        raise DataError(
            f"{directory.path}: the data is no longer what the run was trained on; name a file to "
            "score that"
        )

    def ready(name: str, data: Dataset) -> Dataset:
        data = preprocessed(data, found.pipeline, name)
        return data.reconstructing() if section.target == "input" else data

    train = ready("train", parts.data["train"])
    found.network.loss = experiment.loss.fit(target_of(train, found.network.graph, experiment.loss))
    with alone():
        if file is not None:
            like = replace(
                parts.data["train"], columns=found.pipeline.before, classes=found.classes
            )
            data = section.source.load_file(file, Path(), like=like)
            _tell_all(data.notes, tell)
            return evaluate(found.network, experiment.metrics, ready(file, data))
        _tell_all((note for part in parts.data.values() for note in part.notes), tell)
        scores: dict[str, float] = {}
        for name in ("validation", "test"):
            if name in parts.data:
                part = ready(name, parts.data[name])
                scores |= prefixed(name, evaluate(found.network, experiment.metrics, part))
        return scores


def _tell_all(notes: Iterable[str], tell: Tell) -> None:
    """Tell each note once."""
    for note in dict.fromkeys(notes):
        tell(note)


def answers(directory: RunDirectory, which: stored.Which, tell: Tell, file: str) -> Answers:
    """What a run's network says of the samples in a file.

    Args:
        directory: the run's.
        which: the weights.
        tell: gets a line for each thing that the user should know of the samples.
        file: samples in the form of the run's source; they need no targets.

    Raises:
        DataError: the run or the file cannot be read; where it is a sample's fault, with its row.
    """
    experiment = read_trained(directory.resolved_file)
    found = stored.load(directory, which)
    samples = experiment.data.source.load_inputs(file, Path(), found.like)
    _tell_all(samples.notes, tell)
    inputs = np.asarray(samples.inputs)
    _need_all(samples, found.pipeline, inputs, file)
    predictions = found.predict(inputs)
    return _table(found, experiment.loss.probabilistic, samples.names, predictions)


def _need_all(samples: Unlabelled, pipeline: Pipeline, inputs: Array, file: str) -> None:
    """Check that every value that the network reads is there."""
    transformed = pipeline.transform(inputs)
    if np.isfinite(transformed).all():
        return
    finite = np.isfinite(transformed.reshape(len(transformed), -1)).all(axis=1)
    row = int(np.argmin(finite))
    for number, column in enumerate(pipeline.before or ()):
        # A category that is missing is none of all.
        if samples.gap is not None and not column.categorical and np.isnan(inputs[row, number]):
            raise samples.gap(row, number)
    raise DataError(
        f"{file}: sample {samples.names[row]} has values that are beyond 32-bit numbers behind "
        "the run's preprocessing, far from all that it was trained on"
    )


def _table(
    found: stored.Stored, probabilistic: bool, names: Sequence[str], predictions: Array
) -> Answers:
    """The answers in words, and the numbers that they come from."""
    classes, word = found.classes, "probability" if probabilistic else "score"
    if classes is None:
        flat = predictions.reshape(len(predictions), -1)
        header = _places("prediction", predictions.shape[1:])
        said = [[str(value) for value in row] for row in flat]
    elif found.task == "multi_label":
        yes = said_labels(predictions).astype(int)
        header = [*(f"prediction.{name}" for name in classes), *(f"{word}.{n}" for n in classes)]
        said = [[*map(str, a), *map(str, b)] for a, b in zip(yes, predictions, strict=True)]
    elif predictions.ndim > 2:
        codes = said_classes(predictions).reshape(len(predictions), -1)
        header = _places("prediction", predictions.shape[1:-1])
        said = [[classes[code] for code in row] for row in codes]
    else:
        codes, numbers = said_classes(predictions), predictions
        if probabilistic or predictions.shape[1] > 1:
            numbers = class_probabilities(predictions)
        shown = classes if numbers.shape[1] == len(classes) else classes[1:]
        header = ["prediction", *(f"{word}.{name}" for name in shown)]
        said = [[classes[code], *map(str, row)] for code, row in zip(codes, numbers, strict=True)]
    rows = [[name, *row] for name, row in zip(names, said, strict=True)]
    return Answers(("sample", *header), rows)


def _places(name: str, shape: tuple[int, ...]) -> list[str]:
    """A name for each number of an array: ``prediction``, or ``prediction.0.2`` of several."""
    if int(np.prod(shape)) == 1:
        return [name]
    return [".".join([name, *map(str, each)]) for each in product(*map(range, shape))]
