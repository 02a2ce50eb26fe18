"""Interruptions of runs: harmless, unless a run never gets further."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import suppress

from dlrun.run_directory.directory import RunDirectory
from dlrun.study.store.job import Job

MAXIMUM = 5
"""Maximum number of interruptions of a run in a row without a new checkpoint."""

_Stored = Mapping[str, int]


class Interruptions:
    """Counts how often each run was interrupted without having saved anything new."""

    def __init__(self) -> None:
        self._before: dict[Job, _Stored] = {}
        self._counts: dict[Job, int] = {}

    def begin(self, job: Job, run: RunDirectory) -> None:
        """Note what a run has saved before it starts or resumes."""
        self._before[job] = _stored(run)

    def end(self, job: Job) -> None:
        """Forget a run, which has ended."""
        self._before.pop(job, None)
        self._counts.pop(job, None)

    def hindrance(self, job: Job, run: RunDirectory, reason: str, *, fixed: bool) -> str:
        """Count an interruption.

        Args:
            job: which was interrupted.
            run: its directory.
            reason: of the interruption, as a sentence.
            fixed: whether the study can do without none of its trials.

        Returns:
            A sentence if there are too many in a row without a new checkpoint; else nothing.
        """
        progress = _stored(run) != self._before[job]
        self._counts[job] = 1 if progress else self._counts.get(job, 0) + 1
        if self._counts[job] < MAXIMUM:
            return ""
        study = shlex.quote(str(run.path.parents[1]))
        without = f", or leave the trial out with  dlrun study {study} --forget {job.trial}"
        return (
            f"{run.path} was interrupted {MAXIMUM} times in a row without a new checkpoint, the "
            f"last time because {reason}; give workers more time or memory, or save checkpoints "
            f"more often (checkpoint){'' if fixed else without}"
        )


def _stored(run: RunDirectory) -> _Stored:
    """The checkpoints of a run by name, with their modification times in nanoseconds."""
    found = {}
    with suppress(OSError):
        for file in run.checkpoints.iterdir():
            with suppress(OSError):  # it was replaced just now
                found[file.name] = file.stat().st_mtime_ns
    return found
