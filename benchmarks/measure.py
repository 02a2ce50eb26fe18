"""Libraries measured in turn, each in a separate process."""

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

from benchmarks.search.selection import Selection
from benchmarks.worker import Failed, Job, Ready, Turn

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Settings:
    """How thoroughly to measure.

    Attributes:
        rounds: number of turns of every library.
        seconds: duration of a turn.
        quick: fewer sizes; a check that everything works, not a measurement.
        searches: which searches of which problems are compared.
    """

    rounds: int = 5
    seconds: float = 1.0
    quick: bool = False
    searches: Selection = field(default_factory=Selection)


@dataclass(slots=True)
class Outcome:
    """The results of a job.

    Attributes:
        job: the job.
        ready: what the library computes; None if it failed.
        failed: the reason of a failure.
        seconds: of a call, one value per round.
        peaks: of the machine in operations per second, one per round; for ours only.
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


def take_turns(
    jobs: Sequence[Job], settings: Settings, checkouts: Sequence[Path] | None = None
) -> list[Outcome]:
    """Measure all jobs; in every round each has one turn, and another job is first.

    A machine that is slow for a while therefore slows all of them down, and the spread shows it.

    Args:
        jobs: the peers and their work.
        settings: rounds and seconds.
        checkouts: the repository that each job's process runs in; this one if None.
    """
    roots = checkouts or [ROOT] * len(jobs)
    workers = [_Worker(job, root) for job, root in zip(jobs, roots, strict=True)]
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
    """A process of ``benchmarks.worker``; it sleeps while it has no turn."""

    def __init__(self, job: Job, root: Path) -> None:
        self.outcome = Outcome(job)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 (until close)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            cwd=root,
            env={**os.environ, **_environment(job.threads), "PYTHONPATH": str(root)},
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
        """Measure for that time; does nothing if the library failed in an earlier round."""
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
        last = next((line for line in reversed(lines) if line.strip()), "it printed no error")
        return f"the process ended with exit code {code}: {last.strip()}"


def _environment(threads: int) -> dict[str, str]:
    """The number of threads in the variables of each library; JAX uses the available processors."""
    names = ("DLRUN_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return dict.fromkeys(names, str(threads))


def available_threads() -> tuple[int, ...]:
    """1 and 2, as far as the machine has so many processors to give."""
    return tuple(n for n in (1, 2) if n <= len(os.sched_getaffinity(0)))
