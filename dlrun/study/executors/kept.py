"""Processes that a dask worker keeps between the tasks of a study.

Starting a process that trains takes more than a second of processor time, more than many runs.  A
process that has ended its run well waits for the next task of the same session, which dask may
start in any thread.  It ends when the session is over, and if no task comes for a while, for
example because the study was killed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from dlrun.study.executors.local import LocalExecutor

_IDLE = 60.0
"""Seconds without a task after which a process ends."""
_PAUSE = 0.3
"""Seconds between two looks at the processes that wait."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    executor: LocalExecutor
    session: str
    lasts: Callable[[], bool]
    since: float


class Kept:
    """Executors of one process each, which wait for the next task of their session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._watched = False

    def take(self, session: str) -> LocalExecutor | None:
        """An executor of a session that waits for a task; None if there is none."""
        with self._lock:
            for place, each in enumerate(self._waiting):
                if each.session == session:
                    return self._waiting.pop(place).executor
        return None

    def keep(self, executor: LocalExecutor, session: str, lasts: Callable[[], bool]) -> None:
        """Let an executor without a task wait for the next one.

        Args:
            executor: whose task has ended.
            session: to which it belongs.
            lasts: whether its session is not over yet; called from another thread.
        """
        with self._lock:
            self._waiting.append(_Waiting(executor, session, lasts, time.monotonic()))
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        """Close the executors that wait in vain, until none is left."""
        while True:
            time.sleep(_PAUSE)
            with self._lock:
                waiting = list(self._waiting)
            late = time.monotonic() - _IDLE
            over = [each for each in waiting if each.since < late or not each.lasts()]
            with self._lock:
                over = [each for each in over if each in self._waiting]  # a task may have come
                self._waiting = [each for each in self._waiting if each not in over]
                self._watched = bool(self._waiting)
                ends = not self._watched
            for each in over:
                each.executor.close()
            if ends:
                return
