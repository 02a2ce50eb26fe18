"""The task of a dask worker: start the process that trains a run, and wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from dlrun import variables
from dlrun.run_directory.access import present, read_text
from dlrun.study.executors.base import Crashed, Lost
from dlrun.study.executors.local import LocalExecutor
from dlrun.study.executors.protocol import Ended, Epoch, Hello, Task, decoded, encoded
from dlrun.study.store.directory import StudyDirectory

_MOMENT = 0.3
"""Seconds between two checks of a task's session."""
CEASED = "ceased"
"""Follows the session's name when its tasks are to stop."""


def train(
    hello: Mapping[str, Any],
    line: bytes,
    number: int,
    session: str,
    study: str,
    threads: int | None,
    timeout: float | None,
) -> tuple[str, str]:
    """Train a run; dask runs this function.

    Args:
        hello: the fields of the first message to the worker.
        line: the message with the task.
        number: of the task.
        session: of the executor.
        study: path of the study's directory.
        threads: of the process; None for this dask worker's fraction of its machine.
        timeout: time limit of the task in seconds; None for no limit.

    Returns:
        ``said`` with the last message, or ``crashed`` or ``lost`` with the reason.
    """
    from distributed import get_worker

    worker, directory = get_worker(), StudyDirectory(Path(study))
    task = decoded(line)
    assert isinstance(task, Task)
    worker.log_event(session, {"number": number, "line": None})
    if _session(directory).endswith(CEASED):
        return "said", encoded(Ended({}, ceased=True)).decode()
    share = threads or max(1, variables.threads() // worker.state.nthreads)
    with closing(LocalExecutor(Hello(**hello), 1, share, timeout, directory.workers_log)) as here:
        here.submit(task)
        asked = False
        while True:
            said = _session(directory)
            if said.partition(" ")[0] != session:
                return "crashed", "its study is gone"
            if said.endswith(CEASED) and not asked:
                here.cease()
                asked = True
            for each in here.news(_MOMENT):
                if isinstance(each.what, Crashed):
                    return "crashed", each.what.reason
                if isinstance(each.what, Lost):
                    return "lost", each.what.reason
                message = encoded(each.what).decode()
                if not isinstance(each.what, Epoch):
                    return "said", message
                worker.log_event(session, {"number": number, "line": message})


def _session(directory: StudyDirectory) -> str:
    return read_text(directory.session_file) if present(directory.session_file) else ""
