"""The lock of a run directory: only one process writes to it, and errors name that process.

The system's lock on the file ``lock`` ends with its owner, however that ends.  If machines share a
folder and the system's locks do not work across them, the content of the file counts: it names host
and process, and the owner touches it every few seconds.  If it has not been touched for a while,
its owner is dead.
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

from dlrun.errors import DataError, MachineError
from dlrun.files import open_regular
from dlrun.run_directory.access import open_to_write, writing
from dlrun.run_directory.json_text import to_json

BEAT = 10.0
"""Seconds between two touches."""
DEAD = 3 * BEAT
"""Seconds without a touch after which an owner on another host counts as dead."""
_MOMENT = 0.2
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""Errors of file systems without locks."""


class Lock:
    """The lock of a folder, held from ``acquire`` until ``release`` or the end of the process."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="lock", daemon=True)
        try:
            self._heart.start()
        except RuntimeError as error:
            raise MachineError(
                f"{path}: the system cannot start more threads; raise ulimit -u and ulimit -v"
            ) from error

    @classmethod
    def acquire(cls, folder: Path) -> Self:
        """Take the lock of a folder, also from an owner that has died.

        It takes up to half a minute to find out whether an owner on another host has died.

        Raises:
            MachineError: another process has it, or the folder cannot be written.
            DataError: the path of the lock is not a file.
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
        """Release the lock; a second call has no effect."""
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


def held(folder: Path) -> bool:
    """Whether a process holds the lock of a folder, found out at once and without writing.

    On another host, its owner counts as alive if it has touched the file within the last half
    minute.
    """
    path = folder / "lock"
    try:
        with open_regular(path, follow=False) as file:
            owner = _owner(file.fileno())
            touched = time.time() - os.fstat(file.fileno()).st_mtime < DEAD
    except (OSError, DataError):
        return False
    return _runs(owner) if owner.get("boot") == _boot() else bool(owner) and touched


@contextmanager
def gate(folder: Path) -> Iterator[None]:
    """Only one process at a time is in such a block of a folder; waits for other ones.

    Raises:
        DataError: the folder cannot be opened.
    """
    with writing(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # without locks, two processes may be in it
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the system's lock was taken, or the file system has none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _owner(descriptor: int) -> dict[str, object]:
    """The content of the file; empty if its owner died before it wrote it."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        owner = json.loads(os.read(descriptor, 4096))
    except (ValueError, RecursionError):
        return {}
    return owner if isinstance(owner, dict) else {}


def _lives(owner: dict[str, object], path: Path) -> bool:
    """Whether an owner is alive although the system's lock could be taken."""
    if owner.get("boot") == _boot():
        return _runs(owner) and owner.get("process") != os.getpid()
    return bool(owner) and _touched(path)


def _runs(owner: dict[str, object]) -> bool:
    """Whether the process of this host that wrote the file is still running."""
    number, began = owner.get("process"), owner.get("began")
    return isinstance(number, int) and began is not None and began == _began(number)


def _touched(path: Path) -> bool:
    """Whether the file is being touched; waits until it must have been."""
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
    return f"{folder}: {who} is writing here; wait for it to end, or stop it"


def _boot() -> str:
    """An ID of this start of this machine; the host's name if there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


def _began(process: int) -> str | None:
    """The start time of a process of this host, as the system reports it; None if it does not.

    Process IDs are reused; pairs of an ID and a start time are not.
    """
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    return status.rpartition(")")[2].split()[19]
