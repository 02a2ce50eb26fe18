"""The dask cluster of a study: one with an address, one on this machine, or Slurm jobs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dlrun import variables
from dlrun.errors import DataError, InputError
from dlrun.study.executors import local_cluster
from dlrun.study.executors.slurm import SlurmJobs

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 10.0
"""Seconds to wait for an answer of a scheduler."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the runs of a study are trained.

    Attributes:
        kind: ``dask``, or ``slurm``, with jobs that dask-jobqueue's configuration describes.
        scheduler: address of a running dask scheduler, such as ``tcp://host:8786``; None to start
            one on this machine.
        jobs: maximum number of runs at the same time; None for the workers' number of threads.
    """

    kind: Literal["dask", "slurm"]
    scheduler: str | None
    jobs: int | None


def share(cluster: Cluster) -> int | None:
    """Threads of a run; None if the machine of each worker decides.

    Raises:
        InputError: dask is not installed.
    """
    if cluster.kind == "slurm":
        dask = _dask()
        cores = dask.config.get("jobqueue.slurm.job-cpu", None)
        cores = cores or dask.config.get("jobqueue.slurm.cores", None)
        return int(cores) if cores else None
    if cluster.scheduler is not None:
        return None
    threads = variables.threads()
    return max(1, threads // (cluster.jobs or threads))


def connect(cluster: Cluster) -> tuple[Client, Any]:
    """A client, and the cluster if it was started here.

    Raises:
        InputError: dask is not installed, or its configuration of Slurm jobs is incomplete.
        DataError: no scheduler answers.
        MachineError: workers do not start on this machine.
    """
    dask = _dask()
    from distributed import Client

    for name in ("distributed", "distributed.client"):  # dask sets their levels one by one
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # The study itself handles a worker that dies: it records that and starts the run again.
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    if cluster.scheduler is not None:
        from distributed.comm import parse_address
        from distributed.comm.registry import get_backend

        try:
            # A client would wait in vain for an unknown protocol.
            get_backend(parse_address(cluster.scheduler)[0])
            return Client(cluster.scheduler, timeout=PATIENCE, set_as_default=False), None
        except (OSError, ValueError) as error:
            raise DataError(f"{cluster.scheduler}: no dask scheduler answers: {error}") from error
    own: Any
    if cluster.kind == "dask":
        own = local_cluster.start(dask, cluster.jobs or variables.threads())
    else:
        own = _slurm()
    return Client(own, set_as_default=False), own


def start_jobs(own: Any, jobs: int, logs: Path) -> SlurmJobs:
    """Submit jobs whose workers connect to a cluster that ``connect`` made.

    Args:
        own: the cluster.
        jobs: number of jobs.
        logs: folder for their output, unless jobqueue.yaml names one.

    Raises:
        InputError: Slurm is not installed or rejects the job.
    """
    elsewhere = _dask().config.get("jobqueue.slurm.log-directory", None)
    return SlurmJobs(own.job_script(), jobs, None if elsewhere else logs)


def connected(own: Any) -> int:
    """The number of tasks that the workers of a cluster that ``connect`` made can have at once."""
    return sum(worker.nthreads for worker in list(own.scheduler.workers.values()))


def reached(own: Any) -> set[str]:
    """The IDs of the jobs whose workers are connected; a worker has the name of its job."""
    return {str(worker.name) for worker in list(own.scheduler.workers.values())}


def _dask() -> Any:
    try:
        import dask
        import distributed  # noqa: F401
    except ImportError as missing:
        raise InputError(
            f"--executor needs dask ({missing}); install dlrun with its extra: dlrun[cluster]"
        ) from missing
    return dask


def _slurm() -> Any:
    """A scheduler on this machine, with the job script of the user's jobqueue.yaml."""
    try:
        from dask_jobqueue import SLURMCluster
    except ImportError as missing:
        raise InputError(
            f"--executor slurm needs dask-jobqueue ({missing}); install dlrun[cluster]"
        ) from missing
    options = _dask().config.get("jobqueue.slurm.scheduler-options", {})
    try:
        return SLURMCluster(
            processes=1,
            # The last of two equal options counts; the shell of the script inserts the job's ID.
            worker_extra_args=["--nthreads", "1", "--name", "$SLURM_JOB_ID"],
            scheduler_options={"dashboard_address": local_cluster.ANY_PORT, **options},
        )
    except ValueError as error:
        raise InputError(
            f"dask-jobqueue: {' '.join(str(error).split())}; set the resources of a Slurm job in "
            "~/.config/dask/jobqueue.yaml"
        ) from error
