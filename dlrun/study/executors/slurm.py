"""Slurm jobs that each run a dask worker: submitted, watched and replaced.

A job ends when its time is over, when its node is preempted or fails, or if it cannot start at all.
dask does not query Slurm and would wait for the worker forever; here a thread watches the queue and
submits another job.  If several jobs in a row end before their worker has connected, the study ends
with an error.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dlrun.errors import InputError
from dlrun.study.executors.slurm_command import SlurmError, ask_slurm
from dlrun.study.executors.slurm_state import UNKNOWN, Seen, because

_SHORTEST, _LONGEST = 1.0, 30.0
"""Seconds between two queries of the queue: short after a change, then doubled each time."""
_SILENCE = 600.0
"""Seconds without an answer of Slurm after which a study without workers ends."""
_STARTS = 3
"""Number of jobs in a row that may end before their worker has connected."""
_PATIENCE = 10.0
"""Seconds in the queue before a job is reported as waiting."""
_TAIL = 2000
"""Bytes at the end of a log that are searched for its last line."""


class SlurmJobs:
    """Keeps a number of jobs running until ``close``.

    Args:
        script: of a job, for sbatch.
        requested: number of jobs.
        logs: folder for the output of jobs; None if the script names one.

    Attributes:
        asked: seconds of the monotonic clock when the last query began that Slurm has answered.

    Raises:
        InputError: Slurm is not installed or rejects the job.
    """

    def __init__(self, script: str, requested: int, logs: Path | None) -> None:
        self._script, self._requested, self._logs = script, requested, logs
        self._options: tuple[str, ...] = ("--parsable",)
        if logs is not None:
            logs.mkdir(exist_ok=True)
            self._options += (f"--output={logs.absolute()}/%j.log", "--open-mode=append")
        self._jobs: dict[str, Seen] = {}
        self._ended: dict[str, Seen] = {}
        self._reached: set[str] = set()
        self._failed_starts = 0
        self._error: str | None = None
        self._trouble = ""
        self._answered = self._changed = self.asked = time.monotonic()
        self._look, self._closing = threading.Event(), False
        begun = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(begun,), daemon=True)
        self._thread.start()
        try:
            begun.wait()
            self.look(())
        except BaseException:  # including a signal: no job must be left
            self.close()
            raise

    def look(self, reached: Collection[str]) -> None:
        """Update the jobs whose workers are connected.

        Args:
            reached: IDs of these jobs.

        Raises:
            InputError: jobs do not start, or Slurm does not answer; the message has the cause.
        """
        new = set(reached) - self._reached
        if new:
            self._reached |= new
            self._failed_starts = 0
        if self._error is not None:
            raise InputError(self._error)
        silent = time.monotonic() - self._answered
        if silent > _SILENCE and not reached:
            raise InputError(
                f"Slurm has not answered for {silent:.0f} s: {self._trouble}; run the same "
                "command again to resume"
            )

    def hurry(self) -> None:
        """Query the queue at once, because something has happened."""
        self._look.set()

    def seen(self, job: str) -> Seen:
        """The last known state of a job."""
        return self._ended.get(job) or self._jobs.get(job) or Seen(UNKNOWN, "")

    def log(self, job: str) -> str:
        """The log of a job and its last line, as a sentence."""
        if self._logs is None:
            return "its log is in the folder that jobqueue.yaml names"
        file = self._logs / f"{job}.log"
        with suppress(OSError), file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - _TAIL))
            lines = log.read().decode(errors="replace").split("\n")
            last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
            return f"the last line of {file} is: {last}"
        return f"it wrote no {file}"

    def waiting(self) -> str | None:
        """Why no job has started, as a sentence, after a while; None if one has."""
        if time.monotonic() - self._changed < _PATIENCE:
            return None
        for job, seen in list(self._jobs.items()):
            if seen.state == "PENDING":
                return f"waiting for Slurm: job {job} is pending ({seen.reason})"
        return None

    def cease(self) -> None:
        """Submit no more."""
        self._requested = 0

    def close(self) -> None:
        """Cancel all jobs."""
        self._closing = True
        self._look.set()
        self._thread.join()
        self._cancel()

    def _watch(self, begun: threading.Event) -> None:
        try:
            self._update()
        except SlurmError as error:
            self._error = f"Slurm rejects the job: {error}"
        begun.set()
        try:
            self._keep()
        except Exception as error:  # which the study would not see
            self._error = f"Slurm jobs cannot be watched: {type(error).__name__}: {error}"

    def _keep(self) -> None:
        pause = _SHORTEST
        while True:
            hurried = self._look.wait(pause)
            self._look.clear()
            if self._closing or self._error is not None:
                return
            try:
                asked = time.monotonic()
                changed = self._update()
                self.asked, self._answered = asked, time.monotonic()
            except SlurmError as error:  # it may recover; running jobs do not need it
                changed, self._trouble = False, str(error)
            pause = _SHORTEST if changed or hurried else min(_LONGEST, 2 * pause)

    def _update(self) -> bool:
        """Query the jobs, and replace those that have ended; returns whether anything changed."""
        if not self._jobs and not self._requested:
            return False
        found = self._query(list(self._jobs)) if self._jobs else {}
        changed = False
        for job, before in list(self._jobs.items()):
            now = found.get(job, Seen(UNKNOWN, ""))
            changed |= now != before
            if now.over:
                self._ended[job] = now
                del self._jobs[job]
                self._count(job, now)
            else:
                self._jobs[job] = now
        while len(self._jobs) < self._requested and self._error is None and not self._closing:
            self._submit()
            changed = True
        if changed:
            self._changed = time.monotonic()
        return changed

    def _count(self, job: str, seen: Seen) -> None:
        """Count a job that ended before its worker has connected; too many are an error."""
        if job in self._reached:
            return
        self._failed_starts += 1
        if self._failed_starts >= _STARTS and self._requested:
            self._error = (
                f"{self._failed_starts} Slurm jobs in a row ended before their worker connected to "
                f"the study; job {job} is {seen.state}{because(seen.reason)}, {self.log(job)}"
            )

    def _submit(self) -> None:
        output = ask_slurm("sbatch", *self._options, script=self._script)
        match = re.match(r"\d+", output)
        if match is None:
            raise SlurmError(f"sbatch printed {output!r}, which is not a job ID")
        job = match[0]
        self._ended.pop(job, None)  # a controller can reuse an ID after a crash
        self._reached.discard(job)
        self._jobs[job] = Seen("PENDING", "")

    def _query(self, jobs: Sequence[str]) -> Mapping[str, Seen]:
        try:
            output = ask_slurm("squeue", "-h", "-t", "all", "-o", "%i|%T|%r", "-j", ",".join(jobs))
        except SlurmError as error:
            if "Invalid job id" in str(error):  # it lists none of them any more
                return {}
            raise
        fields = (line.split("|", maxsplit=2) for line in output.splitlines())
        return {job: Seen(state, reason) for job, state, reason in fields}

    def _cancel(self) -> None:
        with suppress(SlurmError):  # some may just have ended
            if self._jobs:
                ask_slurm("scancel", *self._jobs)
