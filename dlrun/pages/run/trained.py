"""A run's network and its data, read again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.fingerprint import same_data
from dlrun.data.parts import Parts, read_parts
from dlrun.data.prepared import preprocessed
from dlrun.errors import DlrunError
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.read import read_trained
from dlrun.inference import saved_model
from dlrun.inference.loaded_model import SavedModel
from dlrun.nn.kernels import numpy_kernels
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.split import sizes

_VALUES = 5e7
"""Maximum values of data that is read again: 200 MB as float32."""


class Unavailable(Exception):  # noqa: N818  # a reason to show, not an error
    """Why something of a run cannot be shown, as a sentence."""


@dataclass(frozen=True, slots=True)
class TrainedData:
    """A run's network and its data.

    Attributes:
        experiment: its spec, without augmentations.
        model: the network with the weights used for its scores.
        parts: the sets as the source returns them.
    """

    experiment: Experiment
    model: SavedModel
    parts: Parts

    def ready(self, name: str, rows: Array) -> Dataset:
        """Some samples of a set as the network reads them.

        Raises:
            DataError: they cannot be read.
        """
        data = self.parts.data[name].take(rows)
        data = preprocessed(data, self.model.pipeline, name)
        self.model.need_domain(data, name)
        return data.reconstructing() if self.experiment.data.target == "input" else data


def load_model(run: RunDirectory) -> tuple[Experiment, SavedModel]:
    """A run's spec, without augmentations, and its network; Numba is loaded for large ones only.

    Raises:
        Unavailable: the weights are missing or cannot be used.
    """
    try:
        if not run.has_ended:
            which: saved_model.Which = "best" if run.has_weights("best") else "last"
        else:
            which = run.training_result()["weights"]
        if not run.has_weights(which):
            raise Unavailable("The run has no weights.")
        experiment = read_trained(run)
        return experiment, saved_model.load(run, which, numpy_kernels())
    except DlrunError as error:
        raise Unavailable(f"The network cannot be loaded: {error}.") from error


def read_data(
    run: RunDirectory, experiment: Experiment, model: SavedModel, most: int | None
) -> TrainedData:
    """A run's data, read again.

    Args:
        run: the run.
        experiment: its spec.
        model: its network.
        most: maximum number of samples to predict, which also permits data of any size; 0 reads
            nothing; None reads data that is not too large.

    Raises:
        Unavailable: the data is gone, has changed, is too large or is not to be read.
    """
    if most == 0:
        raise Unavailable("The data was not read (--samples 0).")
    count = _count(run)
    values = count * float(np.prod(model.sample_shape))
    if most is None and values > _VALUES:
        raise Unavailable(
            f"The data was not read, because it has {values:.2g} values; request it with --samples."
        )
    try:
        parts = read_parts(experiment.data, experiment.seed, run.path, model.classes)
        known = run.environment().get("data")
    except DlrunError as error:
        raise Unavailable(f"The data cannot be read any more: {error}.") from error
    if not same_data(parts.fingerprint, known):
        raise Unavailable("The data is no longer what the run was trained on.")
    return TrainedData(experiment, model, parts)


def evenly(total: int, most: int) -> Array:
    """At most ``most`` of the rows 0 to total - 1, ascending and evenly spaced."""
    if total <= most:
        return np.arange(total)
    return np.unique(np.linspace(0, total - 1, most).astype(np.int64))


def first_samples(data: TrainedData, count: int) -> tuple[Array, Dataset]:
    """Rows of the training set, evenly spaced, and these samples as the network reads them.

    Raises:
        Unavailable: they cannot be used.
    """
    rows = evenly(len(data.parts.data["train"]), count)
    try:
        ready = data.ready("train", rows)
        return rows, replace(ready, inputs=np.asarray(ready.inputs[:]))
    except DlrunError as error:
        raise Unavailable(f"The training set cannot be used: {error}.") from error


def _count(run: RunDirectory) -> int:
    """Number of samples in all sets, from split.csv; 0 if the run has none."""
    try:
        return sum(sizes(run.split_file).values())
    except DlrunError as error:
        raise Unavailable(
            f"The data was not read, because its size is unknown: {error}."
        ) from error
