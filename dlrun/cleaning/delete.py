"""Deletes what was planned, each directory under its lock and after another look at it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from dlrun.cleaning import leftovers
from dlrun.cleaning.deletion import Deletion, size_of
from dlrun.cleaning.weights import LAST
from dlrun.errors import DataError, MachineError
from dlrun.inference.checkpoint_content import TRAINING
from dlrun.run_directory.access import present, writing
from dlrun.run_directory.atomic import opened_folder
from dlrun.run_directory.lock import Lock, held
from dlrun.run_directory.not_a_run import JOURNAL
from dlrun.run_directory.reduced import delete_checkpoint, keep_only
from dlrun.run_directory.weights import Checkpoint, Checkpoints
from dlrun.study.store.directory import StudyDirectory


def delete(deletion: Deletion) -> Deletion:
    """Delete what was planned; returns what was deleted, which may be less.

    A process that is killed in the middle leaves a valid run, and the next call deletes the rest.

    Raises:
        MachineError: a process has begun to write there, or a file cannot be deleted.
        DataError: the directory has changed since it was planned.
    """
    if deletion.rule == "cache":
        return _only(
            deletion, [name for name in deletion.files if _unlink(deletion.directory, name)]
        )
    with _locked(deletion.directory):
        if deletion.whole:
            return _start(deletion)
        if deletion.rule == "temporary":
            return _unlinked(deletion)
        done = []
        for name in deletion.files:
            if size_of(deletion.directory / name) is None:
                continue
            folder = deletion.directory / "checkpoints"
            checkpoint = cast(Checkpoint, Path(name).stem)
            if name == LAST and deletion.rule == "last":
                Checkpoints(folder).load("best", lambda _: False)  # what predicts must be whole
            if deletion.rule == "states":
                keep_only(folder, checkpoint, lambda array: not array.startswith(TRAINING))
            else:
                delete_checkpoint(folder, checkpoint)
            done.append(name)
        return _only(deletion, done)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """The lock of a run or a study, held by this process."""
    if held(directory):
        raise MachineError(f"{directory}: a process is writing here; nothing was deleted")
    if present(directory / JOURNAL):
        study = StudyDirectory.open(directory)
        descriptor = study.lock(patience=0.0)
        try:
            yield
        finally:
            study.release(descriptor)
        return
    lock = Lock.acquire(directory)
    try:
        yield
    finally:
        lock.release()


def _start(deletion: Deletion) -> Deletion:
    """Remove a broken start, whose lock is held."""
    directory = deletion.directory
    now = leftovers.broken_start(directory)
    if now is None:
        raise DataError(f"{directory}: has changed since it was looked at; nothing was deleted")
    for name in now.files:
        if name.endswith("/"):
            with opened_folder(directory) as folder, suppress(OSError):
                os.rmdir(name[:-1], dir_fd=folder)
        else:
            _unlink(directory, name)
    with writing(directory), suppress(FileNotFoundError):
        directory.rmdir()
    return deletion


def _unlink(directory: Path, name: str) -> bool:
    """Delete a regular file; returns whether it was there.

    No folder between the directory and the file may be a link.
    """
    path = directory / name
    with opened_folder(path.parent, inner="/" in name) as folder, writing(path):
        if size_of(path) is None:
            return False
        try:
            os.unlink(path.name, dir_fd=folder)
        except FileNotFoundError:
            return False
    return True


def _unlinked(deletion: Deletion) -> Deletion:
    """Delete the files of a deletion one by one."""
    return _only(deletion, [name for name in deletion.files if _unlink(deletion.directory, name)])


def _only(deletion: Deletion, names: list[str]) -> Deletion:
    kept = [
        (name, size)
        for name, size in zip(deletion.files, deletion.sizes, strict=True)
        if name in names
    ]
    files, sizes = zip(*kept, strict=True) if kept else ((), ())
    return Deletion(deletion.directory, deletion.rule, files, sizes, deletion.whole)
