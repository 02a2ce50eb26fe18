"""dask workers on this machine, which are replaced if they are lost.

A *nanny* of dask starts each worker and restarts one that has died.  dask gives it up if the worker
is not back in time, as on a busy machine, or if it dies while it starts, and never starts another
one; a study would end up without workers and wait forever.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from dlrun.errors import MachineError

ANY_PORT = ":0"
"""Port of a scheduler's status page: any free one, because several studies can run at once."""
_LOGGING = "distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED"
"""Level of the messages of dask workers, which would mix with those of the study; the study itself
reports what happens to them."""
_BACK = "60s"
"""Time that a worker has to come back, unless dask's configuration has another one."""
_PAUSE = 1.0
"""Seconds between two replacements of lost workers."""


def start(dask: Any, workers: int) -> Any:
    """Start a scheduler and workers with one thread each.

    Args:
        dask: the module.
        workers: number of workers.

    Raises:
        MachineError: they do not start.
    """
    from distributed import LocalCluster

    level = logging.WARNING  # dask's own default
    if not {"logging", "logging-file-config"} & set(dask.config.config):
        level = logging.CRITICAL
        dask.config.set({_LOGGING: "critical"})
    dask.config.update_defaults({"distributed": {"deploy": {"lost-worker-timeout": _BACK}}})
    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=ANY_PORT,
            silence_logs=level,
        )
    except (OSError, RuntimeError) as error:
        raise MachineError(f"dask's workers do not start: {error}") from error


class LostWorkers:
    """Replaces the workers of a cluster that dask has given up.

    Args:
        cluster: that ``start`` has returned.
        workers: how many it is to have.
    """

    def __init__(self, cluster: Any, workers: int) -> None:
        self._cluster, self._workers = cluster, workers
        self._replacing: Future[None] | None = None
        self._next = 0.0

    def look(self) -> None:
        """Replace lost workers, without waiting for the new ones; called often."""
        if len(self._cluster.scheduler.workers) >= self._workers:
            return
        if (self._replacing is None or self._replacing.done()) and time.monotonic() >= self._next:
            self._next = time.monotonic() + _PAUSE
            loop = self._cluster.loop.asyncio_loop
            self._replacing = asyncio.run_coroutine_threadsafe(self._replace(), loop)

    async def _replace(self) -> None:
        from distributed.core import Status

        for name, nanny in list(self._cluster.workers.items()):
            if nanny.status in (Status.closed, Status.failed):
                del self._cluster.workers[name]
        with suppress(Exception):  # of a worker that has died while it started: tried again
            await self._cluster  # starts all workers that it is to have and has not
