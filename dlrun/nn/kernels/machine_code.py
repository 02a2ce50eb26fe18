"""The folder of compiled kernels, and notifications before a kernel is compiled.

Both work without Numba, so callers need not wait until it is loaded.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dlrun import caches

Watcher = Callable[[str], None]
"""Called with the name of a kernel, such as ``conv.unroll``, before it is compiled, on any
thread."""

_watchers: list[Watcher] = []
_announcing = threading.RLock()


def _forget_other_threads() -> None:
    """A forked child has the lock of a thread that is not there to release it."""
    global _announcing
    _announcing = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)


def folder() -> Path | None:
    """The folder ``kernels`` in the cache directory; None without a cache directory.

    Not next to the sources, where Numba would store them: many installations are read-only, and
    Numba then does not even read what it stored earlier.
    """
    return caches.folder("kernels")


def trusted_folder() -> Path | None:
    """The folder, if only this user and root can have written to it; otherwise None."""
    place = folder()
    try:
        return place if place is not None and caches.stranger(place) is None else None
    except OSError:  # it does not exist yet
        return None


def obstacle() -> str | None:
    """The reason why kernels cannot be stored; None if they can."""
    place = folder()
    if place is None:
        return "the user has no home directory"
    try:
        caches.make(place)
        other = caches.stranger(place)
        if other is not None:
            return f"{place}: other users can write to {other}, and stored machine code is executed"
        with tempfile.TemporaryFile(dir=place):
            return None
    except OSError as error:
        return f"{place}: {error.strerror}"


@contextmanager
def watched(by: Watcher) -> Iterator[None]:
    """Inside the context, ``by`` is called for every kernel that is compiled, not loaded."""
    _watchers.append(by)
    try:
        yield
    finally:
        _watchers.remove(by)


def announce(kernel: str) -> None:
    """Call the watchers; not on two threads at the same time, so that their lines do not mix."""
    with _announcing:
        for watcher in tuple(_watchers):
            watcher(kernel)
