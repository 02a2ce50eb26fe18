"""Workers of a study that are killed at random: seeded draws of which and when."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

RUN, DASK = "a process that trains", "a dask worker"
_MARKS: Mapping[str, Sequence[bytes]] = {
    RUN: (b"dlrun.study.executors.worker",),
    DASK: (b"multiprocessing.spawn",),
}
_LONGEST = 3000.0
"""Seconds; far more than needed, as other programs may have the processors."""


def below(of: int) -> dict[int, tuple[str, int]]:
    """The workers among the processes below another one: their kind and their parent."""
    parents, kinds = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            number = int(path.name)
            parents[number] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            line = (path / "cmdline").read_bytes()
            for kind, marks in _MARKS.items():
                if any(mark in line for mark in marks):
                    kinds[number] = kind

    def is_below(number: int) -> bool:
        while number > 1:
            if number == of:
                return True
            number = parents.get(number, 0)
        return False

    return {number: (kind, parents[number]) for number, kind in kinds.items() if is_below(number)}


class Killer:
    """Kills workers while a study runs.

    Args:
        study: its directory.
        of: the process whose workers are killed.
        seed: of the draws.
        mean: number of trials that end between two kills, on average.

    Attributes:
        kills: how many processes of each kind were killed.
        seen: all workers there have been.
    """

    def __init__(self, study: Path, of: int, seed: int, mean: int) -> None:
        self._study, self._of, self._mean = study, of, mean
        self._random = random.Random(seed)
        self._due = self._random.randint(1, mean)
        self.kills = {RUN: 0, DASK: 0}
        self.seen = set[int]()

    def until_ended(self, process: subprocess.Popen[str]) -> None:
        """Kill one worker after another until the study has ended."""
        deadline = time.monotonic() + _LONGEST
        while process.poll() is None:
            assert time.monotonic() < deadline
            self.look()
            time.sleep(0.2)

    def look(self) -> None:
        """Kill a worker if it is time."""
        workers = below(self._of)
        self.seen |= workers.keys()
        journal = self._study / "journal.jsonl"
        ended = journal.read_text().count('{"event": "ended"') if journal.exists() else 0
        kind = self._random.choice((RUN, DASK)) if ended >= self._due else None
        chosen = sorted(number for number, (each, _) in workers.items() if each == kind)
        if kind is not None and chosen:
            with suppress(OSError):  # it has just ended
                os.kill(self._random.choice(chosen), signal.SIGKILL)
                self.kills[kind] += 1
            self._due = ended + self._random.randint(1, 2 * self._mean)

    def left(self) -> list[int]:
        """Workers that still exist."""
        return [number for number in self.seen if Path(f"/proc/{number}").exists()]
