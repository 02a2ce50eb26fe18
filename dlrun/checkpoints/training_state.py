"""The training state in a run directory: saving it, and resuming from it.

``last`` and ``previous`` contain the weights of the network and everything else that the rest of
the training depends on.  The same step of the same training gives the same bytes, however often it
was interrupted; only the elapsed time differs, which is in the manifest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.arrays import Array
from dlrun.errors import DataError
from dlrun.inference import checkpoint_content, save_model
from dlrun.nn.state import joined, under
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.reduced import what_was_deleted
from dlrun.run_directory.weights import Checkpoint
from dlrun.training.session import Session


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a training resumes.

    Attributes:
        session: the training; another one than before if a broken checkpoint was read into that.
        seconds: of training so far.
        notes: broken checkpoints, one line each.
        restored: whether there was a checkpoint.
    """

    session: Session
    seconds: float
    notes: tuple[str, ...]
    restored: bool = True


def save(
    session: Session, directory: RunDirectory, metrics: Mapping[str, Any] | None = None
) -> None:
    """Save a training as ``last``; the former ``last`` becomes ``previous``.

    Args:
        session: between two events, before ``RunEnded``.
        directory: of the run, with all rows of metrics.
        metrics: marks the rows that belong to the state; None: all of them.

    Raises:
        DataError: it cannot be written; earlier checkpoints are unchanged.
    """
    state = dict(session.state())
    if session.last is session.network.parameters.values:  # saved as weights anyway
        state = {name: array for name, array in state.items() if not _of_network(name)}
    mark = directory.mark_metrics() if metrics is None else metrics
    manifest = {"seconds": session.progress.seconds, "metrics": mark}
    last, data = session.named(session.last), session.compiled.data
    save_model.save(directory, "last", session.progress.epochs, last, data, state, manifest)


def resume(session: Session, directory: RunDirectory) -> Resumed:
    """Restore the last checkpoint; called before ``session.run``.

    Rows of metrics after the checkpoint are removed; they are written again.  Without a checkpoint,
    training starts at the beginning.  Large arrays are read into those of the session, so that they
    are in memory once.

    Args:
        session: of the same spec, data and versions.
        directory: of the run; no other process writes there.

    Raises:
        DataError: none of the checkpoints can be used, or they were deleted on purpose.
    """
    errors: list[str] = []
    names: tuple[Checkpoint, ...] = ("last", "previous")
    for name in names:
        if not directory.has_weights(name):
            continue
        if errors:  # the broken one has been read into the session's arrays
            session = Session(session.compiled, session.network.probe)
        try:
            seconds, mark = _restore(session, directory, name)
        except DataError as error:
            errors.append(str(error))
        else:
            notes = [f"{error}; resuming from '{name}' instead" for error in errors]
            directory.cut_metrics(mark)
            return Resumed(session, seconds, tuple(notes))
    if any(what_was_deleted(directory.checkpoints, name) for name in names):
        predicts = directory.has_ended and directory.has_weights(directory.result()["weights"])
        gone = "training state; predict and evaluate work as before, or" if predicts else "weights;"
        raise DataError(
            f"{directory.path}: cannot resume: dlrun clean has deleted its {gone} "
            "train it again in a new run"
        )
    if errors:
        raise DataError(" and ".join(dict.fromkeys(errors)))
    directory.cut_metrics(None)
    return Resumed(session, 0.0, (), restored=False)


def _restore(
    session: Session, directory: RunDirectory, name: Checkpoint
) -> tuple[float, Mapping[str, Any]]:
    """Restore a session; returns its seconds of training and the mark of its metrics."""
    weights = directory.load_weights(name, places=lambda names: _places(session, names))
    values, _, state = checkpoint_content.divided(weights.arrays)
    try:
        if not any(map(_of_network, state)):
            state = {**state, **joined({"network": values})}
        seconds, mark = float(weights.beside["seconds"]), weights.beside["metrics"]
        directory.check_metrics(mark)
        _need_its_form(state, session.state())
        session.restore(state)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise DataError(
            f"{directory.checkpoints}: '{name}' is not a checkpoint of this spec: {error}"
        ) from error
    return seconds, mark


def _places(session: Session, names: Collection[str]) -> dict[str, Array]:
    """The arrays of a session by the names of a checkpoint, which has these arrays."""
    places = session.places()
    found = {f"{checkpoint_content.TRAINING}{name}": array for name, array in places.items()}
    if not any(name.startswith(f"{checkpoint_content.TRAINING}network.") for name in names):
        found |= under(places, "network")
    return found


def _need_its_form(saved: Mapping[str, Array], initial: Mapping[str, Array]) -> None:
    """Check that dimensions and dtypes are as expected, and counts not negative.

    Args:
        saved: the state in the checkpoint.
        initial: that of a training at its start, which does not have all parts yet.

    Raises:
        TypeError, ValueError: the checkpoint is not of such a training.
    """
    for name in saved.keys() & initial.keys():
        one, other = saved[name], initial[name]
        if (one.ndim, one.dtype.kind) != (other.ndim, other.dtype.kind):
            raise TypeError(f"{name} is {one.ndim}-dimensional {one.dtype}, not {other.dtype}")
    for name in ("course.epochs", "course.steps"):
        if saved[name].item() < 0:
            raise ValueError(f"{name} is negative")


def _of_network(name: str) -> bool:
    return name.startswith("network.")
