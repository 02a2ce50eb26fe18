"""Writes the run directory during training."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dlrun.checkpoints import training_state
from dlrun.checkpoints.cadence import Cadence
from dlrun.inference import save_model
from dlrun.run_directory.directory import RunDirectory
from dlrun.training.events import EpochEnded, Event, Restarted, RunEnded, Trained
from dlrun.training.session import Session


class Recorder:
    """Writes a session's events to a run directory, except ``result.json``, which is written last.

    Args:
        session: the training, of which checkpoints are saved.
        directory: of the run.
    """

    def __init__(self, session: Session, directory: RunDirectory) -> None:
        self._session, self._directory = session, directory
        self._due = Cadence(session.compiled.experiment.checkpoint)
        self._best = 0
        self._position = (0, 0)

    def __call__(self, event: Event) -> None:
        """Write the files that belong to an event."""
        if isinstance(event, EpochEnded):
            self._directory.append_metrics(event.row)
        elif isinstance(event, Restarted):
            self._go_back(event)
        if isinstance(event, Trained):
            self._store_end(event)
        elif isinstance(event, RunEnded):
            if event.confusion is not None and event.classes is not None:
                self._directory.write_confusion(event.classes, event.confusion)
            self._directory.write_curves(event.curves)
        elif self._due(event):
            self._store()

    def _store(self) -> None:
        began = time.monotonic()
        self._store_last()
        self._store_best()
        self._due.took(time.monotonic() - began)

    def _go_back(self, event: Restarted) -> None:
        """Remove void epochs from the metrics.

        First, both checkpoints are replaced by ones that do not need these epochs, so that the
        process can be killed at any time.
        """
        mark = self._directory.mark_metrics(event.epoch)
        for _ in ("last", "previous"):
            self._store_last(mark)
        self._directory.cut_metrics(mark)
        self._best = self._session.best_epoch

    def _store_end(self, event: Trained) -> None:
        """Save the final state; that of a diverged training is not kept."""
        progress = self._session.progress
        if event.status != "diverged" and self._position != (progress.epochs, progress.steps):
            self._store_last()
        self._store_best()

    def _store_last(self, metrics: Mapping[str, Any] | None = None) -> None:
        session = self._session
        if session.finite:
            training_state.save(session, self._directory, metrics)
            self._position = (session.progress.epochs, session.progress.steps)

    def _store_best(self) -> None:
        epoch = self._session.best_epoch
        if epoch != self._best:
            session = self._session
            best, data = session.named(session.best), session.compiled.data
            save_model.save(self._directory, "best", epoch, best, data)
            self._best = epoch
