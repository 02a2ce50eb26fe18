"""The directory of a study.

sweep.yaml          as written          resolved.yaml      with every default and override
journal.jsonl       all events          trials/            one run directory per run
leaderboard.csv     also .md and .json, made from the journal
best.yaml           the spec of the best trial; with several objectives:
front/              a spec for each trial of the Pareto front, also of those of prior studies
plots/              pictures            workers.log        output of workers
lock                held by the process that runs the study, and removed by it
session             the one that tasks on a cluster belong to
jobs/               output of Slurm jobs
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from dlrun.errors import DataError
from dlrun.run_directory.access import (
    linked,
    make_folder,
    need_folder,
    open_to_write,
    present,
    writing,
)
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.not_a_run import JOURNAL

_PATIENCE = 10.0
"""Seconds to wait for the workers of a killed study to end."""
_DOUBT = 1.0
"""Seconds to wait for a process that has the lock, in case it has just been killed."""


class StudyDirectory:
    """Paths of a study's files, which need not exist, and its lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sweep_file = path / "sweep.yaml"
        self.resolved_file = path / "resolved.yaml"
        self.journal_file = path / JOURNAL
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
            DataError: the path is not the directory of a study.
        """
        study = cls(path)
        if not present(study.journal_file):
            raise DataError(
                f"{path}: not a study: it has no {study.journal_file.name}; name the directory of "
                "a study, such as studies/NAME"
            )
        if study.resolved_file.is_symlink():
            raise linked(study.resolved_file)
        return study

    def run(self, name: str) -> RunDirectory:
        """The directory of a run, which need not exist.

        Raises:
            DataError: it or its folder is a symbolic link.
        """
        path = self.trials / name
        for folder in (self.trials, path):
            need_folder(folder)
        return RunDirectory(path)

    def lock(self, patience: float = _DOUBT) -> int:
        """Make the directory and take its lock, until the descriptor is closed or the process ends.

        Args:
            patience: seconds to wait for another process that has the lock.

        Returns:
            A descriptor; a process that inherits it also holds the lock.

        Raises:
            DataError: another process runs the study.
        """
        descriptor, began = self._open_lock(), time.monotonic()
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _same_file(descriptor, self._lock_file):
                    break
                os.close(descriptor)  # its owner has just removed it, maybe with the directory
                descriptor = self._open_lock()
                continue
            except BlockingIOError:
                owner = os.read(descriptor, 32).decode(errors="replace").strip()
                os.lseek(descriptor, 0, os.SEEK_SET)
                # The workers of a killed study end a moment after it.
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

    def _open_lock(self) -> int:
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        make_folder(self.trials)
        with writing(self._lock_file):
            return open_to_write(self._lock_file, os.O_RDWR | os.O_CREAT)

    def release(self, descriptor: int) -> None:
        """Remove the lock and close its descriptor; only close it in a fork of the owner.

        The directory of a study that was refused, so that it has not begun, is removed.
        """
        with suppress(OSError):
            if os.pread(descriptor, 32, 0) == f"{os.getpid()}\n".encode():
                self._lock_file.unlink()
                if not present(self.journal_file):
                    self.trials.rmdir()  # unless it holds runs
                    self.path.rmdir()
        os.close(descriptor)

    def remove_empty_log(self) -> None:
        """Remove the log of the workers if they have written nothing."""
        with suppress(OSError):
            if self.workers_log.lstat().st_size == 0:
                self.workers_log.unlink()


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


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
