"""What a run leaves in its directory while it trains."""

from __future__ import annotations

from dlrun.runs.directory import RunDirectory
from dlrun.training import stored
from dlrun.training.events import EpochEnded, Event, Restarted, RunEnded
from dlrun.training.session import Session


class Recorder:
    """Writes a session's events to a run directory; all but ``result.json``, which comes last.

    Args:
        session: whose parameters are kept.
        directory: where.
    """

    def __init__(self, session: Session, directory: RunDirectory) -> None:
        self._session, self._directory = session, directory

    def __call__(self, event: Event) -> None:
        """Write what the event brought."""
        if isinstance(event, EpochEnded):
            self._directory.append_metrics(event.row)
        elif isinstance(event, Restarted):
            self._directory.keep_metrics(event.epoch)
        elif isinstance(event, RunEnded):
            stored.save(self._session, self._directory, "last", event.epochs)
            if event.best_epoch:
                stored.save(self._session, self._directory, "best", event.best_epoch)
            if event.confusion is not None and event.classes is not None:
                self._directory.write_confusion(event.classes, event.confusion)
