"""The cluster of dask that a study uses: that of an address, of this machine, or of Slurm."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dlrun import variables
from dlrun.errors import DataError, InputError
from dlrun.study.executors.slurm import SlurmJobs

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 10.0
"""Seconds for a scheduler to answer."""
_ANY_PORT = ":0"
"""Of a scheduler's status page: one that is free, as several studies may run at a time."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the runs of a study are trained.

    Attributes:
        kind: ``dask``, or ``slurm``, whose jobs are as dask-jobqueue's configuration says.
        scheduler: of a dask cluster that is there, as ``tcp://host:8786``; None starts one here.
        jobs: runs side by side at most; None is as many as the workers have threads.
    """

    kind: Literal["dask", "slurm"]
    scheduler: str | None
    jobs: int | None


def share(cluster: Cluster) -> int | None:
    """Threads of a run; None where the machine of each worker decides.

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
    """A client, and the cluster if it is ours.

    Raises:
        InputError: dask is not installed, or it is told too little of jobs of Slurm.
        DataError: no scheduler answers.
    """
    dask = _dask()
    from distributed import Client, LocalCluster

    for name in ("distributed", "distributed.client"):  # whose levels dask sets one by one
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # A worker that dies is the study's affair: it counts, records and tries again.
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    if cluster.scheduler is not None:
        from distributed.comm import parse_address
        from distributed.comm.registry import get_backend

        try:
            get_backend(
                parse_address(cluster.scheduler)[0]
            )  # before a client waits for its own end
            return Client(cluster.scheduler, timeout=PATIENCE, set_as_default=False), None
        except (OSError, ValueError) as fault:
            raise DataError(f"{cluster.scheduler}: no dask scheduler answers: {fault}") from fault
    own: Any
    if cluster.kind == "dask":
        jobs = cluster.jobs or variables.threads()
        own = LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=_ANY_PORT)
    else:
        own = _slurm()
    return Client(own, set_as_default=False), own


def start_jobs(own: Any, jobs: int, logs: Path) -> SlurmJobs:
    """Submit jobs whose workers connect to a cluster that ``connect`` made.

    Args:
        own: the cluster.
        jobs: how many.
        logs: a folder for what they print, unless jobqueue.yaml names one.

    Raises:
        InputError: Slurm is not installed or takes no such job.
    """
    elsewhere = _dask().config.get("jobqueue.slurm.log-directory", None)
    return SlurmJobs(own.job_script(), jobs, None if elsewhere else logs)


def reached(own: Any) -> set[str]:
    """The jobs whose workers are connected: a worker's name is its job's id."""
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
    """A scheduler here, and the script of a job, of what the user's jobqueue.yaml says."""
    try:
        from dask_jobqueue import SLURMCluster
    except ImportError as missing:
        raise InputError(
            f"--executor slurm needs dask-jobqueue ({missing}); install dlrun[cluster]"
        ) from missing
    said = _dask().config.get("jobqueue.slurm.scheduler-options", {})
    try:
        return SLURMCluster(
            processes=1,
            # The last of two options counts, and the script's shell puts in the job's id.
            worker_extra_args=["--nthreads", "1", "--name", "$SLURM_JOB_ID"],
            scheduler_options={"dashboard_address": _ANY_PORT, **said},
        )
    except ValueError as fault:
        raise InputError(
            f"dask-jobqueue: {' '.join(str(fault).split())}; write what a job of Slurm gets to "
            "~/.config/dask/jobqueue.yaml"
        ) from fault
