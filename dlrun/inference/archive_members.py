"""The members of an archive, from a run directory."""

from __future__ import annotations

from dlrun.errors import DataError, MachineError
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.read import read_trained
from dlrun.inference import saved_model
from dlrun.inference.checkpoint_content import TRAINING
from dlrun.inference.fitted_loss import as_json, fitted, need_same_data, own_parts
from dlrun.inference.loaded_model import SavedModel
from dlrun.inference.model_card import Facts, model_card
from dlrun.inference.notes import Tell
from dlrun.run_directory.access import present, read_bytes
from dlrun.run_directory.archive import layout
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.json_text import to_json
from dlrun.run_directory.reduced import what_was_deleted
from dlrun.run_directory.split import sizes
from dlrun.run_directory.tensor_file import serialized


def members_of(directory: RunDirectory, license_line: str | None, tell: Tell) -> dict[str, bytes]:
    """The content of every member of an archive, by name, without the manifest.

    Args:
        directory: of a run that has ended.
        license_line: a line for the model card; None states none.
        tell: receives a note if the archive cannot be scored.

    Raises:
        DataError: the run is unfinished, broken, has no weights, or is a cross-validation.
    """
    result = directory.training_result()
    which: saved_model.Which = result["weights"]
    deleted = what_was_deleted(directory.checkpoints, which) == "file"  # loading says so
    if not directory.has_weights(which) and not deleted:
        raise DataError(
            f"{directory.path}: has no {which} weights (trained epochs: {result['epochs']}), so "
            "there is nothing to archive; train it first"
        )
    experiment, model = read_trained(directory), saved_model.load(directory, which)
    # The training state is needed to resume only.
    weights = directory.load_weights(which, wanted=lambda name: not name.startswith(TRAINING))
    has_environment = present(directory.environment_file)
    facts = Facts(
        directory.id,
        experiment,
        model,
        weights.metadata.get("epoch"),
        result,
        directory.environment() if has_environment else {},
        sizes(directory.split_file),
        license_line,
    )
    files = {
        layout.SPEC: directory.spec_file,
        layout.RESOLVED: directory.resolved_file,
        layout.ENVIRONMENT: directory.environment_file,
        layout.RESULT: directory.result_file,
        layout.METRICS: directory.metrics_file,
    }
    found = {
        name: read_bytes(path, layout.LIMITS[name]) for name, path in files.items() if present(path)
    }
    found[layout.CARD] = model_card(facts).encode(errors="backslashreplace")
    found[layout.WEIGHTS] = serialized(weights.arrays, weights.metadata)
    if (loss := _fitted(directory, experiment, model, tell)) is not None:
        found[layout.LOSS] = loss
    return found


def _fitted(
    directory: RunDirectory, experiment: Experiment, model: SavedModel, tell: Tell
) -> bytes | None:
    """The values of the loss that follow from the training set; None without such values."""
    loss = model.network.loss
    if not loss.needs_fit:
        return None
    try:
        parts = own_parts(directory, experiment, model)
        need_same_data(directory, parts)
    except MachineError:
        raise
    except DataError as error:
        tell(
            f"the archive can predict but not be scored: {loss.kind} has {loss.balances}: "
            f"balanced, and the data is not available: {error}"
        )
        return None
    return (to_json(as_json(fitted(loss, parts, model, experiment))) + "\n").encode()
