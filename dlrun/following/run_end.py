"""The end of a run, from its result."""

from __future__ import annotations

import math

from dlrun.run_directory.access import present
from dlrun.run_directory.confusion import read_confusion
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Ending
from dlrun.run_directory.result import ending
from dlrun.training import restarts
from dlrun.training.events import RunEnded


def ended(run: RunDirectory) -> RunEnded:
    """The event with which a run ended, from its result.

    Raises:
        DataError: the result is broken.
    """
    result = run.training_result()
    shown = {
        name: math.nan if value is None else value for name, value in result["metrics"].items()
    }
    confusion = None
    if present(run.confusion_file):
        confusion = read_confusion(run.confusion_file)
    return RunEnded(
        status=result["status"],
        ended_by=ending(result) or Ending("study_stopped"),
        reason=result["reason"],
        epochs=result["epochs"],
        best_epoch=result["best_epoch"],
        metrics=shown,
        seconds=result["seconds"],
        confusion=None if confusion is None else confusion.counts,
        classes=None if confusion is None else confusion.classes,
        curves=run.curves() if present(run.curves_file) else None,
        restarts=tuple(restarts.Restart(**each) for each in result["restarts"]),
    )
