"""Where compiled kernels are kept, and who is told that one has to be compiled.

Neither needs Numba, so whoever asks does not have to wait until it is loaded.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Watcher = Callable[[str], None]
"""Told the name of a kernel, as ``conv.unroll``, before it is compiled, on whatever thread."""

_watchers: list[Watcher] = []


def folder() -> Path | None:
    """``kernels`` in ``DLRUN_CACHE`` or else in the user's ``~/.cache/dlrun``; None without a home.

    Not beside the sources, where Numba would put it: many installs can only be read there, and
    Numba then does not even read what it kept.
    """
    asked = os.environ.get("DLRUN_CACHE", "")
    if asked:
        return Path(asked).absolute() / "kernels"
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        root = caches if caches.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # a user whom the system does not know
        return None
    return root / "dlrun" / "kernels"


def obstacle() -> str | None:
    """Why kernels cannot be kept; None where they can."""
    place = folder()
    if place is None:
        return "the user has no home"
    try:
        place.mkdir(parents=True, exist_ok=True)
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
