from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from sweeps import SPEC
from waiting import wait_for

from dlrun.study.executors import kept
from dlrun.study.executors.kept import Kept
from dlrun.study.executors.local import LocalExecutor
from dlrun.study.executors.protocol import Hello


class Executor(LocalExecutor):
    """One that notes its end."""

    def __init__(self, folder: Path) -> None:
        hello = Hello(json.dumps(SPEC), "spec.yaml", str(folder))
        super().__init__(hello, 1, 1, None, folder / "workers.log")
        self.closed = threading.Event()

    def close(self) -> None:
        super().close()
        self.closed.set()


def test_an_executor_waits_for_a_task_of_its_session(tmp_path: Path) -> None:
    waiting, executor, over = Kept(), Executor(tmp_path), threading.Event()
    waiting.keep(executor, "a", lambda: not over.is_set())
    assert waiting.take("b") is None
    assert waiting.take("a") is executor
    assert waiting.take("a") is None
    over.set()
    waiting.keep(executor, "a", lambda: not over.is_set())
    wait_for(executor.closed.is_set)
    assert waiting.take("a") is None


def test_an_executor_without_a_task_does_not_wait_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_IDLE", 0.0)
    waiting = Kept()
    for _ in range(2):  # the thread that looks after them starts again
        executor = Executor(tmp_path)
        waiting.keep(executor, "a", lambda: True)
        wait_for(executor.closed.is_set)
