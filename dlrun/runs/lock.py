"""The lock of a run directory: one process writes there, and the others are told who it is.

The system's lock on the file ``lock`` ends with its owner, however that ends.  Where machines share
a folder and the system's locks do not reach from one to another, the file tells: it names host and
process, and the owner touches it every few seconds.  A file that nobody has touched for a while is
a dead owner's.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from dlrun.errors import MachineError
from dlrun.runs.access import open_to_write, writing
from dlrun.runs.json_text import to_json

BEAT = 10.0
"""Seconds between two touches."""
DEAD = 3 * BEAT
"""Seconds without a touch after which an owner on another host is taken to be dead."""
_MOMENT = 0.2
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems without locks say."""


class Lock:
    """The lock of a folder, held from ``acquire`` until ``release`` or the end of the process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="lock", daemon=True)
        try:
            self._heart.start()
        except RuntimeError as fault:
            raise MachineError(
                f"{path}: the system starts no more threads; raise ulimit -u and ulimit -v"
            ) from fault

    @classmethod
    def acquire(cls, folder: Path) -> Self:
        """Take the lock of a folder, also from an owner that has died.

        Whether an owner on another host has died shows within half a minute.

        Raises:
            MachineError: another process has it, or the folder cannot be written.
            DataError: what has the name of the lock is no file.
        """
        path = folder / "lock"
        while True:
            with writing(path):
                descriptor = open_to_write(path, os.O_RDWR | os.O_CREAT)
            try:
                if not _locked(descriptor) or _lives(_owner(descriptor), path):
                    raise MachineError(_refusal(folder, _owner(descriptor)))
                if not _same_file(descriptor, path):  # its owner has just removed it
                    os.close(descriptor)
                    continue
                _sign(descriptor, path)
                return cls(path, descriptor)
            except BaseException:
                with suppress(OSError):
                    os.close(descriptor)
                raise

    def release(self) -> None:
        """Give the lock back; twice does no harm."""
        if self._over.is_set():
            return
        self._over.set()
        self._heart.join()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            with suppress(OSError):
                os.utime(self._descriptor)


@contextmanager
def gate(folder: Path) -> Iterator[None]:
    """Within, no other process is in such a block of the folder; waits for those that are.

    Raises:
        DataError: the folder cannot be opened.
    """
    with writing(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # where there are no locks, two may be in it
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the system gives us its lock, or has none to give."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _owner(descriptor: int) -> dict[str, object]:
    """What the file says; nothing where its owner died before it had said anything."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        owner = json.loads(os.read(descriptor, 4096))
    except (ValueError, RecursionError):
        return {}
    return owner if isinstance(owner, dict) else {}


def _lives(owner: dict[str, object], path: Path) -> bool:
    """Whether an owner lives although the system gave us its lock."""
    if owner.get("boot") == _boot():
        return _runs(owner) and owner.get("process") != os.getpid()
    return bool(owner) and _touched(path)


def _runs(owner: dict[str, object]) -> bool:
    """Whether a process of this host is still the one that signed."""
    number, began = owner.get("process"), owner.get("began")
    return isinstance(number, int) and began is not None and began == _began(number)


def _touched(path: Path) -> bool:
    """Whether somebody touches the file; waits until it must have been."""
    with suppress(FileNotFoundError):
        first, give_up = path.lstat().st_mtime_ns, time.monotonic() + DEAD
        while time.monotonic() < give_up:
            if path.lstat().st_mtime_ns != first:
                return True
            time.sleep(_MOMENT)
    return False


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _sign(descriptor: int, path: Path) -> None:
    owner = {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "boot": _boot(),
        "began": _began(os.getpid()),
    }
    with writing(path):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{to_json(owner)}\n".encode(), 0)


def _refusal(folder: Path, owner: dict[str, object]) -> str:
    process, host = (" ".join(str(owner.get(key, "?")).split()) for key in ("process", "host"))
    who = f"process {process[:20]} on {host[:80]}"
    return f"{folder}: {who} is at work here; wait for it to end, or stop it"


def _boot() -> str:
    """What tells this start of this machine from all others; its name where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


def _began(process: int) -> str | None:
    """When a process of this host began, in the system's own words; None where it does not say.

    Numbers of processes are used again; a number and a beginning are not.
    """
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    return status.rpartition(")")[2].split()[19]
