"""The directory of a study.

sweep.yaml          as written          resolved.yaml      with every default and override
journal.jsonl       what happened       trials/            a run directory a run
leaderboard.csv     also .md and .json, made from the journal
best.yaml           the spec of the best trial; of several objectives
front/              a spec for each trial of the Pareto front
plots/              pictures            workers.log        what workers printed
lock                held by the process that runs the study
session             which of them tasks on a cluster belong to
jobs/               what jobs of Slurm printed
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from dlrun.errors import DataError
from dlrun.runs.access import linked, make_folder, need_folder, open_to_write, present, writing
from dlrun.runs.directory import RunDirectory

_PATIENCE = 10.0
"""Seconds that the workers of a study that was killed have to end."""
_DOUBT = 1.0
"""Seconds for which a process that has the lock may be one that was killed just now."""


class StudyDirectory:
    """Paths of a study's files, there or not, and its lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sweep_file = path / "sweep.yaml"
        self.resolved_file = path / "resolved.yaml"
        self.journal_file = path / "journal.jsonl"
        self.leaderboard = path / "leaderboard"
        self.best_file = path / "best.yaml"
        self.front = path / "front"
        self.workers_log = path / "workers.log"
        self.trials = path / "trials"
        self.plots = path / "plots"
        self.session_file = path / "session"
        self.jobs = path / "jobs"
        self._lock_file = path / "lock"

    @classmethod
    def open(cls, path: Path) -> StudyDirectory:
        """An existing study's directory.

        Raises:
            DataError: there is none.
        """
        study = cls(path)
        if not present(study.journal_file):
            raise DataError(f"{path}: not a study: it has no {study.journal_file.name}")
        if study.resolved_file.is_symlink():
            raise linked(study.resolved_file)
        return study

    def run(self, name: str) -> RunDirectory:
        """The directory of a run, there or not.

        Raises:
            DataError: it is a link, or lies in one.
        """
        path = self.trials / name
        for folder in (self.trials, path):
            need_folder(folder)
        return RunDirectory(path)

    def lock(self, patience: float = _DOUBT) -> int:
        """Make the directory and take its lock, which the system gives back when we end.

        Args:
            patience: seconds to wait for a process that has it.

        Returns:
            A descriptor; whoever inherits it holds the lock as well.

        Raises:
            DataError: another process runs the study.
        """
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        make_folder(self.trials)
        with writing(self._lock_file):
            descriptor = open_to_write(self._lock_file, os.O_RDWR | os.O_CREAT)
        began = time.monotonic()
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                owner = os.read(descriptor, 32).decode(errors="replace").strip()
                os.lseek(descriptor, 0, os.SEEK_SET)
                # Workers outlive a study that was killed by the blink of an eye.
                if time.monotonic() - began > (patience if _lives(owner) else _PATIENCE):
                    os.close(descriptor)
                    shown = owner if owner.isalnum() else "?"
                    raise DataError(
                        f"{self.path}: process {shown} runs this study; wait for it to end"
                    ) from None
                time.sleep(0.02)
        try:
            with writing(self._lock_file):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def _lives(owner: str) -> bool:
    if not owner.isdecimal():
        return False
    try:
        os.kill(int(owner), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
