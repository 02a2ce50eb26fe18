"""Where compiled kernels are kept, and who is told that one has to be compiled.

Neither needs Numba, so whoever asks does not have to wait until it is loaded.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dlrun import caches

Watcher = Callable[[str], None]
"""Told the name of a kernel, as ``conv.unroll``, before it is compiled, on whatever thread."""

_watchers: list[Watcher] = []


def folder() -> Path | None:
    """``kernels`` among the caches; None where there are none.

    Not beside the sources, where Numba would put it: many installs can only be read there, and
    Numba then does not even read what it kept.
    """
    return caches.folder("kernels")


def trusted_folder() -> Path | None:
    """The folder where only this user and root can have put machine code; None where it is not."""
    place = folder()
    try:
        return place if place is not None and caches.stranger(place) is None else None
    except OSError:  # there is none yet
        return None


def obstacle() -> str | None:
    """Why kernels cannot be kept; None where they can."""
    place = folder()
    if place is None:
        return "the user has no home"
    try:
        caches.make(place)
        other = caches.stranger(place)
        if other is not None:
            return f"{place}: other users can write {other}, and machine code is run as it is read"
        with tempfile.TemporaryFile(dir=place):
            return None
    except OSError as fault:
        return f"{place}: {fault.strerror}"


@contextmanager
def watched(by: Watcher) -> Iterator[None]:
    """Within, ``by`` is told of every kernel that is compiled; loading a kept one is no news."""
    _watchers.append(by)
    try:
        yield
    finally:
        _watchers.remove(by)


def announce(kernel: str) -> None:
    """Tell the watchers."""
    for watcher in tuple(_watchers):
        watcher(kernel)
