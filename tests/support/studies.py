"""Studies whose runs nobody trains: they have the scores that a test says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sweeps import write_sweep

from dlrun.study.ledger import Ledger
from dlrun.study.results import files
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.sweep.compile import read_plan

LOSS = "validation.loss"


@contextmanager
def study(folder: Path, name: str = "search", **keys: Any) -> Iterator[Ledger]:
    """The ledger of a study in ``studies``, begun, or opened again."""
    sweep = write_sweep(folder, f"{name}.yaml", name=name, **keys)
    directory = StudyDirectory(folder / "studies" / name)
    lock = directory.lock()
    ledger = Ledger(read_plan(sweep), directory)
    try:
        ledger.begin()
        yield ledger
    finally:
        ledger.close()
        directory.release(lock)


def write(ledger: Ledger) -> None:
    """Bring leaderboard and best spec up to date."""
    files.write(ledger.plan, ledger.state, ledger.directory)


def end(ledger: Ledger, job: Job, scores: Mapping[str, float], epochs: int = 4) -> None:
    """A run has ended with scores; it failed where there are none."""
    status = "completed" if scores else "failed"
    trained = job.epochs or epochs
    ledger.end(job, JobOutcome(status, "" if scores else "it broke", scores, trained, 0.0, 0.0, ""))
