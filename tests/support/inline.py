"""A study's worker within the study's own process: one whose files can be made to fail."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from dlrun.study.executors.base import News
from dlrun.study.executors.protocol import Ended, Epoch, Failed, Hello, Task, decoded
from dlrun.study.executors.run_task import Worker


class InlineExecutor:
    """In the place of a LocalExecutor: it trains a task where that would begin it."""

    def __init__(
        self, hello: Hello, jobs: int, threads: int, timeout: float | None, log: Path, lock: int
    ) -> None:
        self.jobs, self.threads = 1, threads
        self._replies = io.BytesIO()
        self._worker = Worker(hello, self._replies)
        self._number = 0

    @property
    def free(self) -> int:
        return 0 if self._replies.getvalue() else 1

    def submit(self, task: Task) -> int:
        self._number += 1
        self._worker.do(task)
        return self._number

    def answer(self, number: int, *, continues: bool) -> None:
        raise AssertionError

    def news(self, timeout: float) -> Sequence[News]:
        said = [decoded(line) for line in self._replies.getvalue().splitlines()]
        self._replies.seek(0)
        self._replies.truncate()
        return [
            News(self._number, each) for each in said if isinstance(each, Epoch | Ended | Failed)
        ]

    def waiting(self) -> None:
        pass

    def cease(self) -> None:
        pass

    def close(self) -> None:
        pass
