"""A dask cluster on this machine that belongs to no study: a scheduler and workers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from processes import heeding
from waiting import wait_for

_WAIT = 120.0


class DaskCluster:
    """The cluster, while its block lasts.

    Args:
        folder: for its files.
        workers: number of workers, with one thread each.

    Attributes:
        address: of the scheduler.
        scheduler: its process.
        workers: the process of all workers.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder, self._workers = folder, workers

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def start(self) -> None:
        """Start a scheduler, at a new address, and workers."""
        file = self._folder / "scheduler.json"
        file.unlink(missing_ok=True)
        where = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.scheduler = self._start("dask_scheduler", *where, "--scheduler-file", str(file))
        self.address: str = json.loads(wait_for(lambda: _whole(file), self.scheduler))["address"]
        workers = ["--nworkers", str(self._workers), "--nthreads", "1", "--no-dashboard"]
        self.workers = self._start("dask_worker", "--scheduler-file", str(file), *workers)

    def end(self) -> None:
        """End all processes."""
        processes = (self.workers, self.scheduler)
        for each in processes:
            each.terminate()
        try:
            for each in processes:
                each.wait(_WAIT)
        finally:
            for each in processes:
                each.kill()
                each.wait()

    def _start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-m", f"distributed.cli.{name}", *words]
        return subprocess.Popen(command, cwd=self._folder, preexec_fn=heeding, **quiet)


def _whole(file: Path) -> str:
    """The text of a JSON file, once all of it is written."""
    text = file.read_text() if file.exists() else ""
    return text if text.rstrip().endswith("}") else ""
