"""Jobs of Slurm, each of which runs a worker of dask: submitted, watched and replaced.

A job ends when its time is over, when its node is wanted or fails, or because it cannot start at
all.  dask does not ask Slurm, so it waits for such a worker for ever; here a thread looks at the
queue and submits another job.  Jobs that end again and again before their worker has reached the
study would do so for ever, so after a few of them the study ends with a line.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dlrun.errors import InputError

_SHORTEST, _LONGEST = 1.0, 30.0
"""Seconds between two looks at the queue: short after a change, then twice as long each time."""
_ANSWER = 60.0
"""Seconds that a command of Slurm may take."""
_SILENCE = 600.0
"""Seconds without an answer of Slurm after which a study without workers ends."""
_STARTS = 3
"""Jobs in a row that end before their worker has reached the study."""
_PATIENCE = 10.0
"""Seconds in the queue that nobody is told of."""
_TAIL = 2000
"""Bytes of a log in which its last line is looked for."""

_OVER = (
    *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
    *("PREEMPTED", "REVOKED", "TIMEOUT"),
)
"""States of a job that has ended, of squeue(1); any other may still come to run."""
_UNKNOWN = "unknown to Slurm"
"""The state of a job that Slurm has forgotten."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What Slurm says of a job: its state, and why it is in it."""

    state: str
    reason: str

    @property
    def over(self) -> bool:
        """Whether the job has ended."""
        return self.state in _OVER or self.state == _UNKNOWN


class SlurmJobs:
    """So many jobs, from now until ``close``.

    Args:
        script: of a job, as sbatch reads it.
        wanted: how many.
        logs: a folder for what jobs print; None where the script says where.

    Raises:
        InputError: Slurm is not installed or takes no such job.
    """

    def __init__(self, script: str, wanted: int, logs: Path | None) -> None:
        self._script, self._wanted, self._logs = script, wanted, logs
        self._options: tuple[str, ...] = ("--parsable",)
        if logs is not None:
            logs.mkdir(exist_ok=True)
            self._options += (f"--output={logs.absolute()}/%j.log", "--open-mode=append")
        self._jobs: dict[str, Seen] = {}
        self._ended: dict[str, Seen] = {}
        self._reached: set[str] = set()
        self._failed_starts = 0
        self._fault: str | None = None
        self._trouble = ""
        self._answered = self._changed = time.monotonic()
        self._look, self._closing = threading.Event(), False
        begun = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(begun,), daemon=True)
        self._thread.start()
        try:
            begun.wait()
            self.look(())
        except BaseException:  # a signal, too, which must leave no job
            self.close()
            raise

    def look(self, reached: Collection[str]) -> None:
        """Take notice of the jobs whose workers are connected now.

        Args:
            reached: their ids.

        Raises:
            InputError: jobs do not start, or Slurm no longer answers; the message has the cause.
        """
        new = set(reached) - self._reached
        if new:
            self._reached |= new
            self._failed_starts = 0
        if self._fault is not None:
            raise InputError(self._fault)
        silent = time.monotonic() - self._answered
        if silent > _SILENCE and not reached:
            raise InputError(
                f"Slurm has not been of use for {silent:.0f} s: {self._trouble}; run the same "
                "command again to resume"
            )

    def hurry(self) -> None:
        """Look at the queue at once: something has happened."""
        self._look.set()

    def seen(self, job: str) -> Seen:
        """What Slurm said last of a job."""
        return self._ended.get(job) or self._jobs.get(job) or Seen(_UNKNOWN, "")

    def log(self, job: str) -> str:
        """Where the job's own words are, and the last of them."""
        if self._logs is None:
            return "its log is where jobqueue.yaml says"
        file = self._logs / f"{job}.log"
        with suppress(OSError), file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - _TAIL))
            lines = log.read().decode(errors="replace").split("\n")
            last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
            return f"the last line of {file} is: {last}"
        return f"it wrote no {file}"

    def waiting(self) -> str | None:
        """Why no job has begun, in words, once that takes long; None where one has."""
        if time.monotonic() - self._changed < _PATIENCE:
            return None
        for job, seen in list(self._jobs.items()):
            if seen.state == "PENDING":
                return f"waiting for Slurm: job {job} is pending ({seen.reason})"
        return None

    def cease(self) -> None:
        """Submit no more."""
        self._wanted = 0

    def close(self) -> None:
        """Cancel all jobs."""
        self._closing = True
        self._look.set()
        self._thread.join()
        self._cancel()

    def _watch(self, begun: threading.Event) -> None:
        try:
            self._tend()
        except _SlurmError as fault:
            self._fault = f"Slurm takes no job: {fault}"
        begun.set()
        try:
            self._keep()
        except Exception as fault:  # which the study would never see
            self._fault = f"jobs of Slurm cannot be watched: {type(fault).__name__}: {fault}"

    def _keep(self) -> None:
        pause = _SHORTEST
        while True:
            hurried = self._look.wait(pause)
            self._look.clear()
            if self._closing or self._fault is not None:
                return
            try:
                changed = self._tend()
                self._answered = time.monotonic()
            except _SlurmError as fault:  # it may come back; the jobs that run do not need it
                changed, self._trouble = False, str(fault)
            pause = _SHORTEST if changed or hurried else min(_LONGEST, 2 * pause)

    def _tend(self) -> bool:
        """Look at the jobs, and submit one for each that has ended; whether anything changed."""
        if not self._jobs and not self._wanted:
            return False
        found = self._query(list(self._jobs)) if self._jobs else {}
        changed = False
        for job, before in list(self._jobs.items()):
            now = found.get(job, Seen(_UNKNOWN, ""))
            changed |= now != before
            if now.over:
                self._ended[job] = now
                del self._jobs[job]
                self._count(job, now)
            else:
                self._jobs[job] = now
        while len(self._jobs) < self._wanted and self._fault is None and not self._closing:
            self._submit()
            changed = True
        if changed:
            self._changed = time.monotonic()
        return changed

    def _count(self, job: str, seen: Seen) -> None:
        """A job that ended before its worker has reached the study may be the last of too many."""
        if job in self._reached:
            return
        self._failed_starts += 1
        if self._failed_starts >= _STARTS and self._wanted:
            self._fault = (
                f"{self._failed_starts} jobs of Slurm in a row ended before their worker reached "
                f"this study; job {job} is {seen.state}{_because(seen.reason)}, {self.log(job)}"
            )

    def _submit(self) -> None:
        said = _ask("sbatch", *self._options, script=self._script)
        found = re.match(r"\d+", said)
        if found is None:
            raise _SlurmError(f"sbatch says {said!r}, which is no job")
        job = found[0]
        self._ended.pop(job, None)  # a controller that crashed gives an id out again
        self._reached.discard(job)
        self._jobs[job] = Seen("PENDING", "")

    def _query(self, jobs: Sequence[str]) -> Mapping[str, Seen]:
        try:
            said = _ask("squeue", "-h", "-t", "all", "-o", "%i|%T|%r", "-j", ",".join(jobs))
        except _SlurmError as fault:
            if "Invalid job id" in str(fault):  # it has forgotten all of them
                return {}
            raise
        fields = (line.split("|", maxsplit=2) for line in said.splitlines())
        return {job: Seen(state, reason) for job, state, reason in fields}

    def _cancel(self) -> None:
        with suppress(_SlurmError):  # some of them may just have ended
            if self._jobs:
                _ask("scancel", *self._jobs)


class _SlurmError(Exception):
    """A command of Slurm failed."""


def _ask(*command: str, script: str | None = None) -> str:
    """What a command of Slurm prints.

    Raises:
        _SlurmError: it is not there, fails, or does not end.
    """
    try:
        done = subprocess.run(
            command,
            input=script,
            stdin=subprocess.DEVNULL if script is None else None,
            capture_output=True,
            text=True,
            timeout=_ANSWER,
            start_new_session=True,  # Ctrl-C is for the study
        )
    except FileNotFoundError as fault:
        raise _SlurmError(f"there is no command {command[0]}") from fault
    except subprocess.TimeoutExpired as fault:
        raise _SlurmError(f"{command[0]} did not answer within {_ANSWER:.0f} s") from fault
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())
        raise _SlurmError(f"{shlex.join(command[:1])}: {said or f'exit code {done.returncode}'}")
    return done.stdout


def _because(word: str) -> str:
    return f" ({word})" if word not in ("", "None") else ""
