"""The listing of the board, kept up to date by a thread while someone looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dlrun.collection.collect import collect
from dlrun.collection.memory import Memory
from dlrun.errors import DlrunError
from dlrun.web.listing import Listing, listed

_INTERVAL = 2.0
"""Seconds between two readings, at least."""
_REST = 25.0
"""Pause after a reading, as a multiple of the time that it took."""
_PATIENCE = 60.0
"""Seconds after the last question for which the listing is kept up to date."""


class Watcher:
    """Reads the runs and studies of folders again and again; only what has changed is read.

    The work is in proportion to the number of directories, so with many of them the pauses are
    longer: at most a twenty-fifth of one processor is used.  While no one asks, nothing is read.

    Args:
        roots: the folders; None for ``runs`` and ``studies``.

    Raises:
        DataError: a folder does not exist.
    """

    def __init__(self, roots: Sequence[Path] | None) -> None:
        self._roots, self._memory = roots, Memory()
        self._reading, self._over = threading.Lock(), threading.Event()
        self._wanted = threading.Event()
        self._asked = self._read_at = time.monotonic()
        self._cost = 0.0
        self._listing = self._read(Listing())
        self._thread = threading.Thread(target=self._watch, name="board", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._over.set()
        self._wanted.set()
        self._thread.join()

    def listing(self) -> Listing:
        """The listing, which is read now if no one has asked for a while."""
        self._asked = time.monotonic()
        self._wanted.set()
        if self._asked - self._read_at > _PATIENCE:
            self.refresh()
        return self._listing

    def refresh(self) -> Listing:
        """Read what has changed, and return the new listing; it never fails."""
        with self._reading:
            try:
                self._listing = self._read(self._listing)
            except Exception as error:  # of a file that nobody has thought of: the page stays
                before, said = self._listing, str(error)
                if not isinstance(error, DlrunError | OSError):
                    said = f"the folders cannot be read ({type(error).__name__}: {error})"
                if before.notes[:1] != (said,):
                    notes = (said, *before.notes)
                    self._listing = replace(before, notes=notes, revision=before.revision + 1)
            return self._listing

    def _read(self, before: Listing) -> Listing:
        started = time.monotonic()
        found = collect(self._roots, inner=True, memory=self._memory)
        new = listed(found.entries, found.notes, before)
        self._read_at = time.monotonic()
        self._cost = self._read_at - started
        return new

    def _watch(self) -> None:
        while not self._over.wait(max(_INTERVAL, _REST * self._cost)):
            if time.monotonic() - self._asked > _PATIENCE:
                self._wanted.clear()
                self._wanted.wait()
            if not self._over.is_set():
                self.refresh()
