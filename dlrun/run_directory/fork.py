"""A run directory that begins with the checkpoint and the metrics of another run."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.run_directory.access import (
    LARGEST,
    make_folder,
    need_folder,
    present,
    read_bytes,
    reading,
    writing,
)
from dlrun.run_directory.atomic import opened_folder, replace, sync
from dlrun.run_directory.counts import is_count
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.identity import trial_of
from dlrun.run_directory.json_text import read_object, to_json
from dlrun.run_directory.weights import MANIFEST

_NO_LINKS = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP}
)
"""Errors of a file system that cannot have a file under two names."""
_PART = 1 << 20
"""Bytes that are copied at a time."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The run that a fork continues with other settings.

    Attributes:
        run: name of its directory, in the same folder as that of the fork.
        trial: number of its trial.
        epoch: the last epoch that both have in common.
    """

    run: str
    trial: int
    epoch: int


def make_fork(parent: RunDirectory, path: Path, resolved: str, trial: int, epoch: int) -> None:
    """Make the directory of a run that continues another run; nothing happens if it is complete.

    Checkpoints are the same files under two names where the file system can do that: they are only
    ever replaced, never changed.  The file with the origin is written last, so a directory with it
    is complete.

    Args:
        parent: the run, whose last checkpoint is that of the epoch.
        path: of the new directory, in the same folder as that of the run.
        resolved: the spec of the new run with all defaults.
        trial: the trial of the run.
        epoch: after which the runs differ.

    Raises:
        DataError: a file cannot be read or written; calling it again completes the directory.
    """
    fork = RunDirectory(path)
    need_folder(path)
    if present(fork.fork_file):
        return
    make_folder(path)
    make_folder(fork.checkpoints)
    for old, new in (
        (parent.spec_file, fork.spec_file),
        (parent.environment_file, fork.environment_file),
        (parent.metrics_file, fork.metrics_file),
        (parent.split_file, fork.split_file),
        (parent.left_out_file, fork.left_out_file),
    ):
        if present(old):
            replace(new, read_bytes(old, LARGEST), inner=True)
    replace(fork.resolved_file, resolved, inner=True)
    names = [f"{name}.safetensors" for name in ("best", "last")]
    known = read_object(parent.checkpoints / MANIFEST)
    entries = {name: known[name] for name in names if name in known}
    for name in entries:
        if present(parent.checkpoints / name):
            _second_name(parent.checkpoints / name, fork.checkpoints / name)
    replace(fork.checkpoints / MANIFEST, to_json(entries, indent=2) + "\n", inner=True)
    origin = Origin(parent.path.name, trial, epoch)
    replace(fork.fork_file, to_json(asdict(origin), indent=2) + "\n", inner=True)


def origin_of(run: RunDirectory) -> Origin | None:
    """The run that a run continues with other settings; None if it began with initial weights.

    Raises:
        DataError: the file is broken.
    """
    if not present(run.fork_file):
        return None
    found = read_object(run.fork_file)
    match found:
        case {"run": str(name), "trial": trial, "epoch": epoch} if (
            trial_of(name) and is_count(trial) and is_count(epoch)
        ):
            return Origin(name, trial, epoch)
    raise DataError(f"{run.fork_file}: not the origin of a run; the file is broken")


def need_no_fork(run: RunDirectory) -> None:
    """Make sure that the spec of a run describes all of its training.

    Raises:
        DataError: the run began with the weights of another run, with other settings.
    """
    origin = origin_of(run)
    if origin is not None:
        raise DataError(
            f"{run.path}: it continues run {origin.run} after epoch {origin.epoch} with other "
            "settings, so its spec alone does not lead to its weights; run the sweep again to "
            "reproduce it"
        )


def _second_name(old: Path, new: Path) -> None:
    """Give a file that is never changed a second name, or copy it."""
    temporary = new.with_name(f".{new.name}.{secrets.token_hex(4)}.tmp")  # as atomic.replace
    with (
        opened_folder(old.parent, inner=True) as here,
        opened_folder(new.parent, inner=True) as there,
    ):
        try:
            os.link(
                old.name, temporary.name, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False
            )
        except OSError as error:
            if error.errno not in _NO_LINKS:
                with writing(new):
                    raise
            replace(new, _parts(old), inner=True)
            return
        try:
            with writing(new):
                os.replace(temporary.name, new.name, src_dir_fd=there, dst_dir_fd=there)
        finally:
            # Replacing a name of a file by another one of the same file leaves both.
            with suppress(FileNotFoundError):
                os.unlink(temporary.name, dir_fd=there)
    sync(new)  # the worker that wrote it may not have


def _parts(path: Path) -> Iterator[bytes]:
    with reading(path), open_regular(path, follow=False) as file:
        while part := file.read(_PART):
            yield part
