"""The first epoch after a resume, in which a checkpoint of the right form may turn out broken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from dlrun.data.batches.order import Batches
from dlrun.errors import DataError, DlrunError
from dlrun.experiment import plugins
from dlrun.training.events import EpochEnded, Event
from dlrun.training.session import Session
from dlrun.training.stop import Stop

_OF_THE_MACHINE = (OSError, MemoryError, ImportError)

_ENOUGH = 3
"""Events: the start, a step, and the end of its epoch or of the training."""


def restored(
    events: Iterator[Event], session: Session, checkpoints: Path, stop: Stop
) -> Iterator[Event]:
    """The events of a training that was resumed.

    Args:
        events: of the session.
        session: the training.
        checkpoints: the folder that it was restored from.
        stop: asks training to end.

    Raises:
        DataError: its first epoch fails in a way that new weights do not at the same step, and no
            plugin's code is involved.  The checkpoint then has the right form, with values that do
            not belong together.
    """
    try:
        for event in events:
            yield event
            if isinstance(event, EpochEnded):
                break
    except (DlrunError, *_OF_THE_MACHINE):
        raise
    except Exception as error:
        if plugins.raised(error) or _fails_anyway(session, error, stop):
            raise
        raise DataError(
            f"{checkpoints}: the checkpoint cannot be resumed: {type(error).__name__}: {error}; "
            "restore the file, or train again without --resume; if that fails too, it is a bug "
            "in dlrun"
        ) from error
    yield from events


def _fails_anyway(session: Session, error: Exception, stop: Stop) -> bool:
    """Whether the step that failed also fails with new weights.

    Only this step is repeated, with the same batch, and what follows if it is the last one of its
    epoch.  True if that cannot be found out, because of the machine or since training should stop.
    """
    try:
        again, reached, compiled = Session(session.compiled), session.progress, session.compiled
        last = Batches(compiled.data.train, compiled.experiment.data.batch_size).steps - 1
        again.progress.epochs, again.progress.steps = reached.epochs, min(reached.steps, last)
        for _ in islice(again.run(stop), _ENOUGH):
            pass
    except Exception as other:
        return type(other) is type(error) or isinstance(other, _OF_THE_MACHINE)
    return bool(stop)
