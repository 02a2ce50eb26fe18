"""Workers on other machines, through dask.distributed.

A task of dask only starts the process that trains a run, on a machine that shares the study's
folder, and waits for it; the results of the run are in its directory.  It is harmless if dask runs
a task twice, or if a study is killed while its tasks continue: tasks belong to a *session*, the
lifetime of an executor.  Its name is in a file of the study's directory, and the tasks end when the
file has another name or is missing.

A run is trained by another process than the dask worker, so if the dask worker dies, the run is not
the reason and is only interrupted; Slurm reports if its job had too little memory.

The number of submitted tasks is limited to the number of workers, so that a study without workers
has no runs in progress and can be stopped at once.
"""

from __future__ import annotations

import math
import queue
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Union

from dlrun.errors import DlrunError, InputError
from dlrun.run_directory.atomic import remove, replace
from dlrun.study.executors.base import Crashed, Lost, News
from dlrun.study.executors.connection import (
    PATIENCE,
    Cluster,
    connect,
    connected,
    reached,
    share,
    start_jobs,
)
from dlrun.study.executors.local_cluster import LostWorkers
from dlrun.study.executors.protocol import (
    Ended,
    Epoch,
    Hello,
    Task,
    decoded,
    encoded,
)
from dlrun.study.executors.remote import CEASED, End, train
from dlrun.study.executors.slurm import SlurmJobs
from dlrun.study.executors.submitted import Ending, Submitted, ending
from dlrun.study.store.directory import StudyDirectory

if TYPE_CHECKING:
    from distributed import Future

_ASKED = 0.5
"""Seconds between two questions to a scheduler of others for its workers."""
_ENDING, _RUNNING, _SILENT = 60.0, 5.0, 120.0
"""Seconds to wait for the job of a lost worker to end, if it is completing, if it is running, and
if Slurm does not answer."""
_OF_THE_RUN = "OUT_OF_MEMORY"
"""The state of a job whose worker may have died because of the run."""
_KILLED = "its dask worker was killed"

_Told = Union["Epoch", End, "Future", None]
"""What dask tells of a task: an epoch, how it ended, that dask has ended it, or that it begins."""


class ClusterExecutor:
    """Runs tasks on dask workers.

    Args:
        hello: the first message to every worker.
        cluster: the cluster.
        timeout: time limit of a task in seconds; None for no limit.
        directory: of the study, which has the same path on the other machines.

    Attributes:
        jobs: maximum number of runs at the same time.
        threads: of each; None if the machine of each worker decides.

    Raises:
        InputError: dask is not installed, or the cluster cannot be reached.
    """

    def __init__(
        self, hello: Hello, cluster: Cluster, timeout: float | None, directory: StudyDirectory
    ) -> None:
        self._hello, self._timeout, self._directory = hello, timeout, directory
        self._session = secrets.token_hex(8)
        self._scheduler = cluster.scheduler or "dask's scheduler"
        self.threads = share(cluster)
        self._slurm: SlurmJobs | None = None
        self._lost: LostWorkers | None = None
        self._client, self._own = connect(cluster)
        try:
            replace(directory.session_file, self._session)
            if cluster.kind == "slurm":
                self._slurm = start_jobs(self._own, cluster.jobs or 1, directory.jobs)
            self._capacity, self._asked = 0, -math.inf
            self._connected = time.monotonic()
            self._capacity = self._workers()
            self.jobs: int = cluster.jobs or max(1, self._capacity)
            if self._own is not None and self._slurm is None:
                self._lost = LostWorkers(self._own, self.jobs)
            self._limit = math.inf if cluster.jobs is None else cluster.jobs
            self._numbers, self._tasks = count(), dict[int, Submitted]()
            self._doubtful: dict[int, tuple[str, float]] = {}
            self._news: queue.SimpleQueue[tuple[int, _Told]] = queue.SimpleQueue()
            self._ceased = False
            self._client.subscribe_topic(self._session, self._hear)
        except BaseException:
            self.close()
            raise

    @property
    def free(self) -> int:
        """Number of tasks that can be submitted now."""
        return int(min(self._limit, self._capacity)) - len(self._tasks)

    def submit(self, task: Task) -> int:
        """Submit a task to dask's scheduler."""
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
        self._tasks[number] = Submitted(future)
        future.add_done_callback(partial(self._done, number))
        return number

    def answer(self, number: int, *, continues: bool) -> None:
        """Never called: ``Study`` refuses pruners that need it."""
        raise AssertionError

    def news(self, timeout: float) -> Sequence[News]:
        """What happened.

        Raises:
            DlrunError: a task of dask failed.
            InputError: dask's scheduler is gone, or Slurm jobs do not start.
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
            elif isinstance(what, tuple):
                task.end = what  # its worker accepts another task only when dask has ended this one
            elif (end := self._end(number, task)) is not None:
                found.append(self._ended(number, end))
        return found

    def waiting(self) -> str | None:
        """Why no run can start, as a sentence; None if one can, or if the reason is unknown."""
        if self._capacity:
            return None
        if self._slurm is not None:
            return self._slurm.waiting()
        late = time.monotonic() >= self._connected + PATIENCE
        return f"waiting for dask: {self._scheduler} has no workers" if late else None

    def cease(self) -> None:
        """Ask all tasks to stop, and cancel those that have not started."""
        self._ceased = True
        replace(self._directory.session_file, f"{self._session} {CEASED}")
        if self._slurm is not None:
            self._slurm.cease()
        for task in self._tasks.values():
            if not task.begun:
                task.future.cancel()

    def close(self) -> None:
        """End all tasks and, if it was started here, the cluster."""
        remove(self._directory.session_file)
        if self._slurm is not None:
            self._slurm.close()
        self._client.close()
        if self._own is not None:
            self._own.close()

    def _look(self) -> None:
        """Update the number of workers."""
        if self._client.status == "closed":
            raise InputError(f"{self._scheduler} is gone; run the same command again to resume")
        self._capacity = self._workers()
        if self._capacity:
            self._connected = time.monotonic()
        if self._lost is not None and not self._ceased:
            self._lost.look()
        if self._slurm is not None:
            self._slurm.look(reached(self._own))

    def _workers(self) -> int:
        """The number of tasks that all workers can have at the same time."""
        if self._own is not None:
            return connected(self._own)
        now = time.monotonic()
        if self._capacity and now < self._asked + _ASKED:
            return self._capacity
        self._asked = now
        with suppress(OSError):  # the connection is lost; dask retries for a while
            if self._client.status == "running":
                return sum(self._client.nthreads().values())
        return 0

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        _, fields = event
        told: _Told = None
        if "end" in fields:
            kind, text = fields["end"]
            told = (kind, text)
        elif "line" in fields:
            message = decoded(fields["line"])
            assert isinstance(message, Epoch)
            told = message
        self._news.put((fields["number"], told))

    def _done(self, number: int, future: Future) -> None:
        self._news.put((number, future))

    def _end(self, number: int, task: Submitted) -> Ending | None:
        """How a task ended; None if that is not known yet."""
        from distributed import CancelledError, KilledWorker

        try:
            # The event is missing only if the connection was lost for a while.
            return ending(task.end or task.future.result(timeout=PATIENCE))
        except KilledWorker as error:
            if self._slurm is None:
                return Lost(_KILLED)
            self._slurm.hurry()
            self._doubtful[number] = str(error.last_worker.name), time.monotonic()
            return None
        except CancelledError:
            if self._ceased:
                return Ended({}, ceased=True)
            return Lost("dask cancelled it because its scheduler could not be reached")
        except TimeoutError:  # the worker that had the result has died; dask runs the task again
            task.future.add_done_callback(partial(self._done, number))
            return None
        except DlrunError:
            raise
        except Exception as error:
            raise DlrunError(f"a task of dask failed: {type(error).__name__}: {error}") from error

    def _cleared_up(self) -> Iterator[News]:
        """The ends of tasks whose Slurm job has an end state now, or has not in time."""
        assert self._slurm is not None or not self._doubtful
        for number, (job, lost) in list(self._doubtful.items()):
            assert self._slurm is not None
            seen = self._slurm.seen(job)
            again = seen.state == "PENDING"  # its node was preempted or has failed
            patience = _ENDING if seen.state == "COMPLETING" else _RUNNING
            # A busy Slurm may still have its old state, so its own answers are what counts.
            silent = time.monotonic() >= lost + _SILENT
            late = silent or self._slurm.asked >= lost + patience
            if not (seen.over or again or late):
                continue
            del self._doubtful[number]
            if seen.over or again:
                reason = f"its Slurm job {job} ended with state {seen.state}"
                end = Crashed(reason) if seen.state == _OF_THE_RUN else Lost(reason)
            else:
                end = Lost(_KILLED)
            yield self._ended(number, end)

    def _ended(self, number: int, end: Ending) -> News:
        """Remove a task, which dask forgets with its future."""
        del self._tasks[number]
        return News(number, end)
