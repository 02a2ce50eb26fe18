"""Whether a study is run by a process, seen from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dlrun.following.study_process import study_runs
from dlrun.run_directory.lock import Lock
from dlrun.study.store.directory import StudyDirectory

OLD = (1_000_000, 1_000_000)


def age(folder: Path) -> None:
    for file in folder.iterdir():
        os.utime(file, OLD)


def test_the_owner_of_the_lock_is_looked_for(tmp_path: Path) -> None:
    study = StudyDirectory(tmp_path / "s")
    lock = study.lock()
    assert study_runs(study.path, [])
    study.release(lock)
    assert not study_runs(study.path, [])


def test_a_dead_owner_counts_as_one_of_another_machine(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    (tmp_path / "lock").write_text(f"{process.pid}\n")
    (tmp_path / "journal.jsonl").touch()
    assert study_runs(tmp_path, [])  # it has written something a moment ago
    age(tmp_path)
    assert not study_runs(tmp_path, [])
    run = tmp_path / "trials" / "a"
    run.mkdir(parents=True)
    held = Lock.acquire(run)
    assert study_runs(tmp_path, [run])
    held.release()
    assert not study_runs(tmp_path, [run])


def test_a_process_that_is_younger_than_the_lock_is_another_one(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(f"{os.getpid()}\n")
    assert study_runs(tmp_path, [])
    age(tmp_path)
    assert not study_runs(tmp_path, [])


def test_strange_locks(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("/etc/passwd")
    assert not study_runs(tmp_path, [])
    (tmp_path / "lock").unlink()
    os.mkfifo(tmp_path / "lock")
    assert not study_runs(tmp_path, [])
    (tmp_path / "lock").unlink()
    (tmp_path / "lock").write_bytes(b"\xff999999999999999999999999")
    age(tmp_path)
    assert not study_runs(tmp_path, [])
