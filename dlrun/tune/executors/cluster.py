"""Workers on other machines, through dask.distributed.

A task of dask does no more than start the process that trains a run, on a machine that shares the
study's folder, and wait for it; what the run came to is in its directory.  A task that dask runs
twice does no harm, nor does a study that is killed while its tasks go on: tasks belong to a
*session*, an executor's lifetime, which a file in the study's directory names, and end where it
names another.
"""

from __future__ import annotations

import logging
import queue
import secrets
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dlrun.errors import DataError, DlrunError, InputError
from dlrun.processors import processors
from dlrun.runs.atomic import replace
from dlrun.tune.directory import StudyDirectory
from dlrun.tune.executor import Crashed, News
from dlrun.tune.executors.local import LocalExecutor
from dlrun.tune.protocol import Ended, Epoch, Failed, Hello, Message, Task, decoded, encoded

if TYPE_CHECKING:
    from distributed import Client, Future

_MOMENT = 0.3
"""Seconds between two looks of a task at its session."""
_PATIENCE = 10.0
"""Seconds for a scheduler to answer."""
_CEASED = "ceased"
_ANY_PORT = ":0"
"""Of a scheduler's status page: one that is free, as several studies may run at a time."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the runs of a study are trained.

    Attributes:
        kind: ``dask``, or ``slurm``, whose jobs dask-jobqueue submits as its configuration says.
        scheduler: of a dask cluster that is there, as ``tcp://host:8786``; None starts one here.
        jobs: runs side by side; None is as many as the scheduler has threads.
    """

    kind: Literal["dask", "slurm"]
    scheduler: str | None
    jobs: int | None


class ClusterExecutor:
    """Hands tasks to dask.

    Args:
        hello: what every worker is told first.
        cluster: which.
        timeout: seconds after which a task is taken to hang; None is never.
        directory: of the study, which the other machines see under the same path.

    Attributes:
        jobs: runs side by side.

    Raises:
        InputError: dask is not installed, or there is no such cluster.
    """

    def __init__(
        self, hello: Hello, cluster: Cluster, timeout: float | None, directory: StudyDirectory
    ) -> None:
        self._hello, self._timeout, self._directory = hello, timeout, directory
        self._session = secrets.token_hex(8)
        self._threads = None if cluster.scheduler else _share(cluster)
        self._client, self._own = _connect(cluster)
        self.jobs: int = cluster.jobs or max(1, sum(self._client.nthreads().values()))
        self._numbers, self._busy = count(), dict[int, Any]()
        self._news: queue.SimpleQueue[tuple[int, Message | Future]] = queue.SimpleQueue()
        self._client.subscribe_topic(self._session, self._hear)
        replace(directory.session_file, self._session)

    @property
    def free(self) -> int:
        """How many tasks can be submitted now."""
        return self.jobs - len(self._busy)

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
            self._threads,
            self._timeout,
            key=f"{self._session}-{number}",
        )
        self._busy[number] = future
        future.add_done_callback(partial(self._done, number))
        return number

    def answer(self, number: int, *, goes_on: bool) -> None:
        """Nobody asks: see ``Study``."""
        raise AssertionError

    def news(self, timeout: float) -> Sequence[News]:
        """What happened.

        Raises:
            DlrunError: a task could not do even its own little work.
        """
        found: list[News] = []
        try:
            waiting = [self._news.get(timeout=timeout)]
        except queue.Empty:
            return found
        while not self._news.empty():
            waiting.append(self._news.get())
        for number, what in waiting:
            if number not in self._busy:
                continue
            if isinstance(what, Epoch):
                found.append(News(number, what))
                continue
            end = self._end(self._busy.pop(number))
            found.append(News(number, end))
        return found

    def cease(self) -> None:
        """Ask all tasks to stop."""
        replace(self._directory.session_file, f"{self._session} {_CEASED}")

    def close(self) -> None:
        """End what is still there."""
        replace(self._directory.session_file, "")
        self._client.close()
        if self._own is not None:
            self._own.close()

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        _, said = event
        self._news.put((said["number"], decoded(said["line"])))

    def _done(self, number: int, future: Future) -> None:
        self._news.put((number, future))

    def _end(self, future: Future) -> Ended | Failed | Crashed:
        from distributed import CancelledError, KilledWorker

        try:
            kind, line = future.result(timeout=_PATIENCE)
        except KilledWorker:
            return Crashed("its dask worker was killed")
        except CancelledError:
            return Crashed("dask cancelled it")
        except Exception as fault:
            raise DlrunError(f"a task of dask failed: {type(fault).__name__}: {fault}") from fault
        if kind == "crashed":
            return Crashed(line)
        message = decoded(line)
        assert isinstance(message, Ended | Failed)
        return message


def train(
    hello: Mapping[str, Any],
    line: bytes,
    number: int,
    session: str,
    study: str,
    threads: int | None,
    timeout: float | None,
) -> tuple[str, str]:
    """What dask runs: start the process that trains, and wait for it.

    Args:
        hello: the fields of it.
        line: the task.
        number: of the task.
        session: of the executor.
        study: path of its directory.
        threads: that the process may use; None is this worker's share of its machine.
        timeout: seconds after which the task is taken to hang.

    Returns:
        ``said`` with the last message, or ``crashed`` with the reason.
    """
    from distributed import get_worker

    worker, directory = get_worker(), StudyDirectory(Path(study))
    task = decoded(line)
    assert isinstance(task, Task)
    share = threads or max(1, processors() // worker.state.nthreads)
    with closing(LocalExecutor(Hello(**hello), 1, share, timeout, directory.workers_log)) as here:
        here.submit(task)
        asked = False
        while True:
            said = _session(directory)
            if said.partition(" ")[0] != session:
                return "crashed", "its study is gone"
            if said.endswith(_CEASED) and not asked:
                here.cease()
                asked = True
            for each in here.news(_MOMENT):
                if isinstance(each.what, Crashed):
                    return "crashed", each.what.reason
                message = encoded(each.what).decode()
                if not isinstance(each.what, Epoch):
                    return "said", message
                worker.log_event(session, {"number": number, "line": message})


def _session(directory: StudyDirectory) -> str:
    try:
        return directory.session_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _share(cluster: Cluster) -> int | None:
    """Threads of a run on this machine; on others it is the worker's share."""
    if cluster.kind != "dask":
        return None
    return max(1, processors() // (cluster.jobs or processors()))


def _connect(cluster: Cluster) -> tuple[Client, Any]:
    """A client, and the cluster if it is ours."""
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as missing:
        raise InputError(
            f"--executor needs dask ({missing}); install dlrun with its extra: dlrun[cluster]"
        ) from missing
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # A worker that dies is the study's affair: it counts, records and tries again.
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    if cluster.scheduler is not None:
        from distributed.comm import parse_address
        from distributed.comm.registry import get_backend

        try:
            get_backend(
                parse_address(cluster.scheduler)[0]
            )  # before a client waits for its own end
            return Client(cluster.scheduler, timeout=_PATIENCE, set_as_default=False), None
        except (OSError, ValueError) as fault:
            raise DataError(f"{cluster.scheduler}: no dask scheduler answers: {fault}") from fault
    own: Any
    jobs = cluster.jobs or processors()
    if cluster.kind == "dask":
        own = LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=_ANY_PORT)
    else:
        own = _slurm(jobs)
    return Client(own, set_as_default=False), own


def _slurm(jobs: int) -> Any:
    """A job for each run at a time, of what the user's jobqueue.yaml says."""
    try:
        import dask
        from dask_jobqueue import SLURMCluster
    except ImportError as missing:
        raise InputError(
            f"--executor slurm needs dask-jobqueue ({missing}); install dlrun[cluster]"
        ) from missing
    said = dask.config.get("jobqueue.slurm.scheduler-options", {})
    try:
        cluster = SLURMCluster(
            processes=1,
            worker_extra_args=["--nthreads", "1"],
            scheduler_options={"dashboard_address": _ANY_PORT, **said},
        )
    except ValueError as fault:
        raise InputError(
            f"dask-jobqueue: {' '.join(str(fault).split())}; write what a job of Slurm gets to "
            "~/.config/dask/jobqueue.yaml"
        ) from fault
    cluster.scale(jobs=jobs)
    return cluster
