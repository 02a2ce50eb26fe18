"""Workers on other machines, through dask.distributed.

A task of dask does no more than start the process that trains a run, on a machine that shares the
study's folder, and wait for it; what the run came to is in its directory.  A task that dask runs
twice does no harm, nor does a study that is killed while its tasks go on: tasks belong to a
*session*, an executor's lifetime, which a file in the study's directory names, and end where it
names another.

No more tasks are submitted than there are workers to begin them, so that a study without workers
has nothing under way and can be stopped at once.
"""

from __future__ import annotations

import math
import queue
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlrun.errors import DlrunError, InputError
from dlrun.runs.atomic import replace
from dlrun.runs.directory import RunDirectory
from dlrun.study.executors.base import Crashed, Lost, News
from dlrun.study.executors.connection import PATIENCE, Cluster, connect, reached, share, start_jobs
from dlrun.study.executors.protocol import (
    Ended,
    Epoch,
    Failed,
    Hello,
    Message,
    Task,
    decoded,
    encoded,
)
from dlrun.study.executors.remote import CEASED, train
from dlrun.study.executors.slurm import SlurmJobs
from dlrun.study.store.directory import StudyDirectory

if TYPE_CHECKING:
    from distributed import Future

_LOSSES = 5
"""Times in a row that a run is cut off before it has stored anything new."""
_ENDING, _RUNNING = 60.0, 5.0
"""Seconds after a worker is lost for its job to end, if Slurm says that it is about to or runs."""
_OF_THE_RUN = ("FAILED", "OUT_OF_MEMORY")
"""States of a job whose worker may have died of what it trained."""


class ClusterExecutor:
    """Hands tasks to dask.

    Args:
        hello: what every worker is told first.
        cluster: which.
        timeout: seconds after which a task is taken to hang; None is never.
        directory: of the study, which the other machines see under the same path.

    Attributes:
        jobs: runs side by side at most.
        threads: of each; None where the machine of each worker decides.

    Raises:
        InputError: dask is not installed, or there is no such cluster.
    """

    def __init__(
        self, hello: Hello, cluster: Cluster, timeout: float | None, directory: StudyDirectory
    ) -> None:
        self._hello, self._timeout, self._directory = hello, timeout, directory
        self._session = secrets.token_hex(8)
        self._scheduler = cluster.scheduler or "dask's scheduler"
        self.threads = share(cluster)
        self._slurm: SlurmJobs | None = None
        self._client, self._own = connect(cluster)
        try:
            replace(directory.session_file, self._session)
            if cluster.kind == "slurm":
                self._slurm = start_jobs(self._own, cluster.jobs or 1, directory.jobs)
            self._capacity = sum(self._client.nthreads().values())
            self.jobs: int = cluster.jobs or max(1, self._capacity)
            self._limit = math.inf if cluster.jobs is None else cluster.jobs
            self._numbers, self._tasks = count(), dict[int, _Submitted]()
            self._doubtful: dict[int, tuple[str, float]] = {}
            self._losses: dict[str, int] = {}
            self._news: queue.SimpleQueue[tuple[int, Message | Future | None]] = queue.SimpleQueue()
            self._ceased = False
            self._client.subscribe_topic(self._session, self._hear)
        except BaseException:
            self.close()
            raise

    @property
    def free(self) -> int:
        """How many tasks can be submitted now."""
        return int(min(self._limit, self._capacity)) - len(self._tasks)

    def submit(self, task: Task) -> int:
        """Hand a task to the scheduler."""
        number = next(self._numbers)
        future = self._client.submit(
            train,
            asdict(self._hello),
            encoded(task),
            number,
            self._session,
            str(self._directory.path.absolute()),
            self.threads,
            self._timeout,
            key=f"{self._session}-{number}",
        )
        self._tasks[number] = _Submitted(future, task.directory, _stored(task.directory))
        future.add_done_callback(partial(self._done, number))
        return number

    def answer(self, number: int, *, goes_on: bool) -> None:
        """Nobody asks: see ``Study``."""
        raise AssertionError

    def news(self, timeout: float) -> Sequence[News]:
        """What happened.

        Raises:
            DlrunError: a task could not do even its own little work.
            InputError: the scheduler is gone, jobs of Slurm do not start, or runs are cut off again
                and again before they have stored anything.
        """
        self._look()
        waiting = []
        with suppress(queue.Empty):
            waiting.append(self._news.get(timeout=timeout))
            while True:
                waiting.append(self._news.get_nowait())
        found = list(self._cleared_up())
        for number, what in waiting:
            task = self._tasks.get(number)
            if task is None or number in self._doubtful:
                continue
            if what is None:
                task.begun = True
            elif isinstance(what, Epoch):
                found.append(News(number, what))
            elif (end := self._end(number, task.future)) is not None:
                found.append(self._ended(number, end))
        return found

    def waiting(self) -> str | None:
        """Why no run can begin, in words; None where one can, or nobody knows."""
        return None if self._capacity or self._slurm is None else self._slurm.waiting()

    def cease(self) -> None:
        """Ask all tasks to stop; those that have not begun never will."""
        self._ceased = True
        replace(self._directory.session_file, f"{self._session} {CEASED}")
        if self._slurm is not None:
            self._slurm.cease()
        for task in self._tasks.values():
            if not task.begun:
                task.future.cancel()

    def close(self) -> None:
        """End what is still there."""
        replace(self._directory.session_file, "")
        if self._slurm is not None:
            self._slurm.close()
        self._client.close()
        if self._own is not None:
            self._own.close()

    def _look(self) -> None:
        """See which workers there are."""
        if self._client.status == "closed":
            raise InputError(f"{self._scheduler} is gone; run the same command again to resume")
        self._capacity = 0
        with suppress(OSError):  # the connection is lost; dask tries for a while to get it back
            if self._client.status == "running":
                self._capacity = sum(self._client.nthreads().values())
        if self._slurm is not None:
            self._slurm.look(reached(self._own))

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        _, said = event
        line = said["line"]
        self._news.put((said["number"], None if line is None else decoded(line)))

    def _done(self, number: int, future: Future) -> None:
        self._news.put((number, future))

    def _end(self, number: int, future: Future) -> Ended | Failed | Crashed | Lost | None:
        """How a task ended; None where Slurm has to say it first."""
        from distributed import CancelledError, KilledWorker

        try:
            kind, line = future.result(timeout=PATIENCE)
        except KilledWorker as fault:
            if self._slurm is None:
                return Crashed("its dask worker was killed")
            self._slurm.hurry()
            self._doubtful[number] = str(fault.last_worker.name), time.monotonic()
            return None
        except CancelledError:
            if self._ceased:
                return Ended({}, ceased=True)
            return Lost("dask cancelled it, as its scheduler was not to be reached")
        except Exception as fault:
            raise DlrunError(f"a task of dask failed: {type(fault).__name__}: {fault}") from fault
        if kind == "crashed":
            return Crashed(line)
        if kind == "lost":
            return Lost(line)
        message = decoded(line)
        assert isinstance(message, Ended | Failed)
        return message

    def _cleared_up(self) -> Iterator[News]:
        """Tasks of jobs of which Slurm has said by now how they ended."""
        assert self._slurm is not None or not self._doubtful
        for number, (job, lost) in list(self._doubtful.items()):
            assert self._slurm is not None
            seen = self._slurm.seen(job)
            again = seen.state == "PENDING"  # its node was wanted or has failed
            patience = _ENDING if seen.state == "COMPLETING" else _RUNNING
            late = time.monotonic() >= lost + patience
            if not (seen.over or again or late):
                continue
            del self._doubtful[number]
            if seen.over or again:
                said = f"its job {job} of Slurm ended as {seen.state}"
                end = Crashed(said) if seen.state in _OF_THE_RUN else Lost(said)
            else:
                end = Crashed("its dask worker was killed")
            yield self._ended(number, end)

    def _ended(self, number: int, end: Ended | Failed | Crashed | Lost) -> News:
        """A task is over; one that is cut off too often without getting anywhere ends the study."""
        task = self._tasks.pop(number)
        if not isinstance(end, Lost) or _stored(task.directory) != task.stored:
            self._losses.pop(task.directory, None)
        else:
            losses = self._losses[task.directory] = self._losses.get(task.directory, 0) + 1
            if losses >= _LOSSES:
                raise InputError(
                    f"{task.directory}: cut off {losses} times in a row before it has stored "
                    f"anything new, the last time as {end.reason}; give workers more time, or "
                    "store more often (checkpoint)"
                )
        return News(number, end)


@dataclass(slots=True)
class _Submitted:
    """A task that dask has.

    Attributes:
        future: of its end.
        directory: of its run.
        stored: its checkpoints before.
        begun: whether a worker has it.
    """

    future: Future
    directory: str
    stored: Mapping[str, int]
    begun: bool = False


def _stored(directory: str) -> Mapping[str, int]:
    """The checkpoints of a run by name, with when they were written."""
    found = {}
    with suppress(OSError):
        for file in RunDirectory(Path(directory)).checkpoints.iterdir():
            with suppress(OSError):  # it was replaced just now
                found[file.name] = file.stat().st_mtime_ns
    return found
