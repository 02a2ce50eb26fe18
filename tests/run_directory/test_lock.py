from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import DataError
from dlrun.run_directory import lock
from dlrun.run_directory.lock import Lock, gate

HOLD = """
import sys, pathlib
from dlrun.run_directory.lock import Lock
lock = Lock.acquire(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
lock.release()
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def acquire_and_release(folder: Path) -> None:
    Lock.acquire(folder).release()
    assert not (folder / "lock").exists()


def test_the_second_process_is_told_who_the_first_is(
    tmp_path: Path, owner: subprocess.Popen[str]
) -> None:
    with pytest.raises(DataError) as caught:
        Lock.acquire(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: process {owner.pid} on {socket.gethostname()} is writing here; wait for it "
        "to end, or stop it"
    )
    owner.communicate("\n")
    acquire_and_release(tmp_path)


def test_the_lock_of_a_killed_process_is_taken_over(
    tmp_path: Path, owner: subprocess.Popen[str]
) -> None:
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert (tmp_path / "lock").exists()
    acquire_and_release(tmp_path)


def test_a_process_does_not_get_it_twice(tmp_path: Path) -> None:
    held = Lock.acquire(tmp_path)
    with pytest.raises(DataError, match=f"process {os.getpid()} on "):
        Lock.acquire(tmp_path)
    held.release()
    held.release()
    acquire_and_release(tmp_path)


def signed(folder: Path, **fields: Any) -> Path:
    path = folder / "lock"
    path.write_text(json.dumps({"host": "node7", "process": 99, "boot": "another", **fields}))
    return path


def test_an_owner_on_another_host_lives_as_long_as_it_touches_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = signed(tmp_path)
    monkeypatch.setattr(lock, "_MOMENT", 0.0)
    over = threading.Event()

    def touch() -> None:
        number = 0
        while not over.wait(0.001):
            number += 1
            os.utime(path, ns=(number, number))

    toucher = threading.Thread(target=touch)
    toucher.start()
    try:
        with pytest.raises(DataError, match="process 99 on node7 is writing here"):
            Lock.acquire(tmp_path)
    finally:
        over.set()
        toucher.join()
    monkeypatch.setattr(lock, "DEAD", 0.0)
    acquire_and_release(tmp_path)


def test_the_owner_touches_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "BEAT", 0.001)
    held = Lock.acquire(tmp_path)
    path = tmp_path / "lock"
    os.utime(path, ns=(1, 1))
    while path.stat().st_mtime_ns == 1:
        pass
    held.release()


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"host": 3}', "\x00" * 5000])
def test_what_is_no_signature_binds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr(lock, "DEAD", 0.0)
    (tmp_path / "lock").write_text(content)
    acquire_and_release(tmp_path)


@pytest.mark.parametrize("lives", [True, False])
def test_where_the_system_has_no_locks_the_file_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lives: bool
) -> None:
    def none(descriptor: int, operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    parent = os.getppid()
    began = lock._began(parent) if lives else "0"
    signed(tmp_path, process=parent, boot=lock._boot(), began=began)
    if lives:
        with pytest.raises(DataError, match=f"process {parent} on node7"):
            Lock.acquire(tmp_path)
    else:
        acquire_and_release(tmp_path)
    with gate(tmp_path):
        pass


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="lock: cannot write it: no such file"):
        Lock.acquire(tmp_path / "gone")


def test_one_at_a_time_goes_through_the_gate(tmp_path: Path) -> None:
    inside, most = 0, 0
    counting = threading.Lock()

    def pass_through() -> None:
        nonlocal inside, most
        with gate(tmp_path):
            with counting:
                inside += 1
                most = max(most, inside)
            with counting:
                inside -= 1

    threads = [threading.Thread(target=pass_through) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
