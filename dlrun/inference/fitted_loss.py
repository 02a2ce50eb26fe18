"""The loss of a run with the values that follow from its training set, such as class weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from dlrun.data.fingerprint import same_data
from dlrun.data.parts import Parts, read_parts
from dlrun.data.prepared import preprocessed
from dlrun.errors import DataError, ShapeError
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.moved import own_data
from dlrun.experiment.target import target_of
from dlrun.inference.loaded_model import SavedModel
from dlrun.nn.losses.base import Loss
from dlrun.run_directory.saved_run import SavedRun


def loss_of(run: SavedRun, experiment: Experiment, model: SavedModel) -> Loss:
    """The loss as the run was trained with it.

    The training set is read only if the loss depends on it.

    Args:
        run: its directory, or an archive.
        experiment: its spec.
        model: its network.

    Raises:
        DataError: the training set cannot be read, or the archive has no values.
    """
    loss = model.network.loss
    if not loss.needs_fit:
        return loss
    saved = run.fitted_loss()
    if saved is not None:
        return _restored(loss, saved, model, run)
    if run.data_folder is None:
        raise DataError(
            f"{run.path}: cannot be scored: {loss.kind} has {loss.balances}: balanced, and the "
            "data was missing when the archive was made; make it again where the data is"
        )
    return fitted(loss, own_parts(run, experiment, model), model, experiment)


def fitted(loss: Loss, parts: Parts, model: SavedModel, experiment: Experiment) -> Loss:
    """The loss, fitted on the training set.

    Args:
        loss: of the spec.
        parts: the data of the run.
        model: its network.
        experiment: its spec.
    """
    if not loss.needs_fit:
        return loss
    train = preprocessed(parts.data["train"], model.pipeline, "train")
    train = train.reconstructing() if experiment.data.target == "input" else train
    return loss.fit(target_of(train, model.network.graph, loss))


def own_parts(run: SavedRun, experiment: Experiment, model: SavedModel) -> Parts:
    """The data that a run was trained on.

    Args:
        run: its directory, or an archive.
        experiment: its spec.
        model: its network.

    Raises:
        DataError: the data cannot be read, or the run is an archive, which has none.
    """
    if run.data_folder is None:
        raise DataError(f"{run.path}: an archive contains no data; name a file to score")
    with own_data(run):
        return read_parts(experiment.data, experiment.seed, run.data_folder, model.classes)


def need_same_data(run: SavedRun, parts: Parts) -> None:
    """Check that data is what a run was trained on.

    Raises:
        DataError: it has changed.
    """
    if not same_data(parts.fingerprint, run.environment().get("data")):
        raise DataError(
            f"{run.path}: the data is no longer what the run was trained on; name a file to "
            "score that"
        )


def as_json(loss: Loss) -> dict[str, Any]:
    """The values of a fitted loss, as an archive contains them."""
    assert loss.balances is not None
    return {loss.balances: getattr(loss, loss.balances)}


def _restored(loss: Loss, saved: Mapping[str, Any], model: SavedModel, run: SavedRun) -> Loss:
    """The loss with the values of ``as_json``, which may be from an untrusted source."""
    try:
        if saved.keys() != {loss.balances}:
            raise ValueError(f"it must contain {loss.balances} and no other key")
        values = {key: tuple(value) for key, value in saved.items()}
        kept = {name: getattr(loss, name) for name in type(loss).model_fields}
        found = type(loss)(**{**kept, **values})
        found.check(model.network.graph.output.shape, target_of(model.like))
        return found
    except (ValidationError, ShapeError, TypeError, ValueError) as error:
        (first, *_) = str(error).splitlines()
        raise DataError(f"{run.path}: the saved values of the loss do not fit: {first}") from error
