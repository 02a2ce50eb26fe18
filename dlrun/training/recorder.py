"""What a run leaves in its directory while it trains."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dlrun.runs.directory import RunDirectory
from dlrun.training import resume, stored
from dlrun.training.checkpointing import Cadence
from dlrun.training.events import EpochEnded, Event, Restarted, RunEnded, Trained
from dlrun.training.session import Session


class Recorder:
    """Writes a session's events to a run directory; all but ``result.json``, which comes last.

    Args:
        session: that the events are of, and that is stored every now and then.
        directory: where.
    """

    def __init__(self, session: Session, directory: RunDirectory) -> None:
        self._session, self._directory = session, directory
        self._due = Cadence(session.compiled.experiment.checkpoint)
        self._best = 0
        self._position = (0, 0)

    def __call__(self, event: Event) -> None:
        """Write what the event brought."""
        if isinstance(event, EpochEnded):
            self._directory.append_metrics(event.row)
        elif isinstance(event, Restarted):
            self._go_back(event)
        if isinstance(event, Trained):
            self._store_end(event)
        elif isinstance(event, RunEnded):
            if event.confusion is not None and event.classes is not None:
                self._directory.write_confusion(event.classes, event.confusion)
        elif self._due(event):
            self._store()

    def _store(self) -> None:
        began = time.monotonic()
        self._store_last()
        self._store_best()
        self._due.took(time.monotonic() - began)

    def _go_back(self, event: Restarted) -> None:
        """Take the epochs that are void out of the metrics.

        Before that, both checkpoints are made to need none of them, whenever the process is killed.
        """
        mark = self._directory.mark_metrics(event.epoch)
        for _ in ("last", "previous"):
            self._store_last(mark)
        self._directory.cut_metrics(mark)
        self._best = self._session.best_epoch

    def _store_end(self, event: Trained) -> None:
        """What a training that diverged ended with is not worth keeping."""
        course = self._session.course
        if event.status != "diverged" and self._position != (course.epochs, course.steps):
            self._store_last()
        self._store_best()

    def _store_last(self, metrics: Mapping[str, Any] | None = None) -> None:
        session = self._session
        if session.finite:
            resume.save(session, self._directory, metrics)
            self._position = (session.course.epochs, session.course.steps)

    def _store_best(self) -> None:
        epoch = self._session.best_epoch
        if epoch != self._best:
            stored.save(self._session, self._directory, "best", epoch)
            self._best = epoch
