"""The lock of a study's directory, and what is removed at the end."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import DataError
from dlrun.study.store.directory import StudyDirectory


def test_a_released_lock_leaves_no_file(tmp_path: Path) -> None:
    directory = StudyDirectory(tmp_path / "study")
    descriptor = directory.lock()
    assert (directory.path / "lock").read_text() == f"{os.getpid()}\n"
    directory.release(descriptor)
    assert not (directory.path / "lock").exists()


@pytest.mark.parametrize("text", ["", "999999999\n", "1\n", "\0\0", "{own}\n"])
def test_a_lock_that_a_killed_process_has_left_is_taken(tmp_path: Path, text: str) -> None:
    directory = StudyDirectory(tmp_path)
    (tmp_path / "lock").write_text(text.replace("{own}", str(os.getpid())))
    directory.release(directory.lock())
    assert not (tmp_path / "lock").exists()


def test_who_waits_for_a_lock_gets_one_that_others_see(tmp_path: Path) -> None:
    """Not that of the removed file, with which a third process could get one as well."""
    directory, found = StudyDirectory(tmp_path), list[int]()
    first = directory.lock()
    waiting = threading.Thread(target=lambda: found.append(directory.lock(60.0)))
    waiting.start()
    directory.release(first)
    waiting.join()
    with pytest.raises(DataError, match="runs this study"):
        directory.lock(0.0)
    directory.release(found[0])


def test_a_removed_lock_file_is_not_taken_for_the_lock(tmp_path: Path) -> None:
    directory = StudyDirectory(tmp_path)
    opened = os.open

    removed = []

    def slow(path: Path, *rest: Any, **named: Any) -> int:
        """Between opening and locking, the owner removes the file."""
        descriptor = opened(path, *rest, **named)
        if Path(path).name == "lock" and not removed:
            removed.append(path)
            (tmp_path / "lock").unlink()
        return descriptor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", slow)
        descriptor = directory.lock()
    assert removed
    assert os.path.samestat(os.fstat(descriptor), (tmp_path / "lock").stat())
    directory.release(descriptor)


def test_a_fork_does_not_remove_the_lock_of_its_parent(tmp_path: Path) -> None:
    directory = StudyDirectory(tmp_path)
    descriptor = directory.lock()
    (tmp_path / "lock").write_text("1\n")  # of another process
    directory.release(descriptor)
    assert (tmp_path / "lock").exists()


@pytest.mark.parametrize("text", ["", "Traceback\n"])
def test_only_an_empty_log_is_removed(tmp_path: Path, text: str) -> None:
    directory = StudyDirectory(tmp_path)
    directory.remove_empty_log()  # there is none
    directory.workers_log.write_text(text)
    directory.remove_empty_log()
    assert directory.workers_log.exists() == bool(text)
