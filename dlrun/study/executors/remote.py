"""The task of a dask worker: let a process train a run, and wait for it.

The process is kept for the next task, see ``kept``.  How the run ended is sent as an event of dask
before the task ends, so it is known even if the dask worker is killed just after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

from dlrun import variables
from dlrun.errors import DataError
from dlrun.run_directory.access import present, read_text
from dlrun.study.executors.base import Crashed, Lost
from dlrun.study.executors.kept import Kept
from dlrun.study.executors.local import LocalExecutor
from dlrun.study.executors.protocol import Ended, Epoch, Hello, Task, decoded, encoded
from dlrun.study.store.directory import StudyDirectory

_MOMENT = 0.3
"""Seconds between two checks of a task's session."""
CEASED = "ceased"
"""Follows the session's name when its tasks are to stop."""
_KEPT = Kept()

End = tuple[Literal["said", "crashed", "not begun", "lost"], str]
"""How a task ended: with the last message of its process, or why it has none.

``not begun`` is a crash of a process before it was ready for the task.
"""


def train(
    hello: Mapping[str, Any],
    line: bytes,
    number: int,
    session: str,
    study: str,
    threads: int | None,
    timeout: float | None,
) -> End:
    """Train a run; dask runs this function.

    Its events have the number of the task, and the fields ``line`` with a message, ``end`` with the
    return value, or neither when the task begins.

    Args:
        hello: the fields of the first message to the worker.
        line: the message with the task.
        number: of the task.
        session: of the executor.
        study: path of the study's directory.
        threads: of the process; None for this dask worker's fraction of its machine.
        timeout: time limit of the task in seconds; None for no limit.

    Raises:
        MachineError: no process can be started.
    """
    from distributed import get_worker

    worker, directory = get_worker(), StudyDirectory(Path(study))

    def tell(**fields: Any) -> None:
        worker.log_event(session, {"number": number, **fields})

    task = decoded(line)
    assert isinstance(task, Task)
    tell()
    if _session(directory).endswith(CEASED):
        return "said", encoded(Ended({}, ceased=True)).decode()
    here = _KEPT.take(session)
    if here is None:
        share = threads or max(1, variables.threads() // worker.state.nthreads)
        here = LocalExecutor(Hello(**hello), 1, share, timeout, directory.workers_log)
    keeps = False
    try:
        end = _train(here, task, session, directory, lambda line: tell(line=line))
        keeps = end[0] == "said" and _lasts(session, directory)
    finally:
        if keeps:
            _KEPT.keep(here, session, partial(_lasts, session, directory))
        else:
            here.close()
    tell(end=end)
    return end


def _train(
    here: LocalExecutor,
    task: Task,
    session: str,
    directory: StudyDirectory,
    tell: Callable[[str], None],
) -> End:
    here.submit(task)
    asked = False
    while True:
        said = _session(directory)
        if said.partition(" ")[0] != session:
            return "lost", "its study is gone"
        if said.endswith(CEASED) and not asked:
            here.cease()
            asked = True
        for each in here.news(_MOMENT):
            if isinstance(each.what, Crashed):
                return ("crashed" if each.what.begun else "not begun"), each.what.reason
            if isinstance(each.what, Lost):
                return "lost", each.what.reason
            message = encoded(each.what).decode()
            if not isinstance(each.what, Epoch):
                return "said", message
            tell(message)


def _lasts(session: str, directory: StudyDirectory) -> bool:
    """Whether a session continues, so that it can have more tasks; not if that is unknown."""
    with suppress(DataError):
        return _session(directory) == session
    return False


def _session(directory: StudyDirectory) -> str:
    return read_text(directory.session_file) if present(directory.session_file) else ""
