"""A training in a run directory: how it is stored on its way, and how it goes on from there.

``last`` and ``previous`` hold all that the rest of the training depends on, beside the weights that
a network is read back from.  The same step of the same training gives the same bytes, however often
it was interrupted; what differs, the time it took, is noted in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.arrays import Array
from dlrun.errors import DataError
from dlrun.nn.state import joined
from dlrun.runs.directory import RunDirectory
from dlrun.runs.weights import Checkpoint
from dlrun.training import stored
from dlrun.training.session import Session


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a training goes on.

    Attributes:
        seconds: that it has taken so far.
        notes: what was broken, a line each.
        restored: whether anything was stored.
    """

    seconds: float
    notes: tuple[str, ...]
    restored: bool = True


def save(
    session: Session, directory: RunDirectory, metrics: Mapping[str, Any] | None = None
) -> None:
    """Store a training as ``last``; the one before becomes ``previous``.

    Args:
        session: between two events, before ``RunEnded``.
        directory: the run's, which has all rows of metrics.
        metrics: the mark of those that belong to it; None is all of them.

    Raises:
        DataError: it cannot be written; what was stored before still stands.
    """
    state = dict(session.state())
    if session.last is session.network.parameters.values:  # stored anyway
        state = {name: array for name, array in state.items() if not _of_network(name)}
    mark = directory.mark_metrics() if metrics is None else metrics
    beside = {"seconds": session.course.seconds, "metrics": mark}
    stored.save(session, directory, "last", session.course.epochs, state, beside)


def resume(session: Session, directory: RunDirectory) -> Resumed:
    """Before ``session.run``: go on where the training was stored last.

    Rows of metrics that came later are taken away, they will come again.  Where nothing was stored
    yet, training begins.

    Args:
        session: of the same spec, data and versions.
        directory: of the run; nobody else writes there.

    Raises:
        DataError: nothing that is stored can be used.
    """
    faults: list[str] = []
    names: tuple[Checkpoint, ...] = ("last", "previous")
    for name in names:
        if not directory.has_weights(name):
            continue
        try:
            seconds, mark = _restore(session, directory, name)
        except DataError as fault:
            faults.append(str(fault))
        else:
            notes = [f"{fault}; it goes on from '{name}'" for fault in faults]
            directory.cut_metrics(mark)
            return Resumed(seconds, tuple(notes))
    if faults:
        raise DataError(" and ".join(dict.fromkeys(faults)))
    directory.cut_metrics(None)
    return Resumed(0.0, (), restored=False)


def _restore(
    session: Session, directory: RunDirectory, name: Checkpoint
) -> tuple[float, Mapping[str, Any]]:
    """Put a session back; how long it had trained, and the mark of its metrics."""
    weights = directory.load_weights(name)
    values, _, state = stored.divided(weights.arrays)
    try:
        if not any(map(_of_network, state)):
            state = {**state, **joined({"network": values})}
        seconds, mark = float(weights.beside["seconds"]), weights.beside["metrics"]
        directory.check_metrics(mark)
        _need_its_form(state, session.state())
        session.restore(state)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as fault:
        raise DataError(
            f"{directory.checkpoints}: '{name}' does not hold a training of this spec: {fault}"
        ) from fault
    return seconds, mark


def _need_its_form(found: Mapping[str, Array], fresh: Mapping[str, Array]) -> None:
    """Make sure that counts are counts and single values single.

    Args:
        found: the state that was stored.
        fresh: that of a training at its start, which has not all of the parts yet.

    Raises:
        TypeError: it is not of such a training.
    """
    for name in found.keys() & fresh.keys():
        one, other = found[name], fresh[name]
        if (one.ndim, one.dtype.kind) != (other.ndim, other.dtype.kind):
            raise TypeError(f"{name} is {one.ndim}-dimensional {one.dtype}, not {other.dtype}")
    for name in ("course.epochs", "course.steps"):
        if found[name].item() < 0:
            raise ValueError(f"{name} is negative")


def _of_network(name: str) -> bool:
    return name.startswith("network.")
