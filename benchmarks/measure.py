"""Peers measured round by round, each in a process of its own."""

from __future__ import annotations

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.worker import Failed, Job, Ready, Turn

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Settings:
    """How thoroughly to measure.

    Attributes:
        rounds: how often every peer has its turn.
        seconds: a turn takes.
        quick: leave sizes out; a check that everything works, no measurement.
    """

    rounds: int = 5
    seconds: float = 1.0
    quick: bool = False


@dataclass(slots=True)
class Outcome:
    """What came of a job.

    Attributes:
        job: it.
        ready: what the peer computes; None where it failed.
        failed: why, if it did.
        seconds: of a call, one number a round.
        peaks: of the machine in operations a second, one a round, for ours.
    """

    job: Job
    ready: Ready | None = None
    failed: Failed | None = None
    seconds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of a call: the median over rounds."""
        return statistics.median(self.seconds)


def take_turns(jobs: Sequence[Job], settings: Settings) -> list[Outcome]:
    """Measure all jobs; in every round each has one turn, the first another one each time.

    So what slows the machine down for a while slows all of them down, and shows in the spread.
    """
    workers = [_Worker(job) for job in jobs]
    try:
        alive = [worker for worker in workers if worker.outcome.ready]
        for number in range(settings.rounds):
            start = number % len(alive) if alive else 0
            for worker in alive[start:] + alive[:start]:
                worker.turn(settings.seconds)
    finally:
        for worker in workers:
            worker.close()
    return [worker.outcome for worker in workers]


class _Worker:
    """A process of ``benchmarks.worker``; it waits, asleep, while it has no turn."""

    def __init__(self, job: Job) -> None:
        self.outcome = Outcome(job)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (until close)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            cwd=ROOT,
            env={**os.environ, **_environment(job.threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
        )
        reply = self._ask(job)
        if isinstance(reply, Ready):
            self.outcome.ready = reply
        elif isinstance(reply, Failed):
            self.outcome.failed = reply

    def turn(self, seconds: float) -> None:
        """Measure for so long; nothing where the peer failed in an earlier round."""
        if self.outcome.failed:
            return
        reply = self._ask(seconds)
        if isinstance(reply, Turn):
            self.outcome.seconds.append(reply.seconds)
            if reply.peak is not None:
                self.outcome.peaks.append(reply.peak)
        elif isinstance(reply, Failed):
            self.outcome.failed = reply

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _ask(self, request: Job | float) -> Ready | Failed | Turn:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
            reply = pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError):
            return Failed(self._last_words(), unavailable=False)
        assert isinstance(reply, Ready | Failed | Turn)
        return reply

    def _last_words(self) -> str:
        code = self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
        return f"the process ended with {code}: {last.strip()}"


def _environment(threads: int) -> dict[str, str]:
    """The number of threads as each library wants to be told; JAX goes by the processors."""
    names = ("DLRUN_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return dict.fromkeys(names, str(threads))


def available_threads() -> tuple[int, ...]:
    """1 and 2, as far as the machine has so many processors to give."""
    return tuple(n for n in (1, 2) if n <= len(os.sched_getaffinity(0)))
