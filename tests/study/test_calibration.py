"""Runs that are measured for a forecast: where they are trained, and what becomes of slow ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from sweeps import SPEC, write_sweep

from dlrun.study import calibration, forecast
from dlrun.study.calibration import Pace, calibrate
from dlrun.study.executors.base import News
from dlrun.study.executors.protocol import Ended, Epoch, Failed, Hello, Task
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.plan import SweepPlan


class Executor:
    """Workers that write the seconds of epochs, or are too slow to end before they are asked to."""

    slow, failing = False, False
    hellos: ClassVar[list[Hello]] = []
    tasks: ClassVar[list[Task]] = []

    def __init__(
        self, hello: Hello, jobs: int, threads: int, timeout: float | None, log: Path
    ) -> None:
        self.hellos.append(hello)
        self.jobs, self._ceased = jobs, False
        self._running: list[int] = []

    @property
    def free(self) -> int:
        return self.jobs - len(self._running)

    def submit(self, task: Task) -> int:
        self.tasks.append(task)
        folder = Path(task.directory)
        folder.mkdir()
        rows = "".join(f"{n},{n},{0.5 * n * n}\n" for n in range(1, task.epochs + 1))
        (folder / "metrics.csv").write_text(f"epoch,step,seconds\n{rows}")
        self._running.append(len(self.tasks))
        return len(self.tasks)

    def news(self, timeout: float) -> Sequence[News]:
        if self.slow and not self._ceased:
            return []
        ended = Failed("it broke") if self.failing else Ended({}, ceased=self._ceased)
        found = [News(n, each) for n in self._running for each in (Epoch(1, 2, 0.5), ended)]
        self._running = []
        return found

    def cease(self) -> None:
        self._ceased = True

    def close(self) -> None:
        assert not self._running


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SweepPlan:
    monkeypatch.setattr(calibration, "LocalExecutor", Executor)
    monkeypatch.setattr(Executor, "tasks", [])
    monkeypatch.setattr(Executor, "hellos", [])
    return read_plan(write_sweep(tmp_path, spec={**SPEC, "log": ["tensorboard"]}))


SUGGESTIONS = [{"params.units": units} for units in (4, 8, 16)]


def test_the_last_epoch_of_a_warm_worker_is_measured(plan: SweepPlan) -> None:
    found = calibrate(plan, SUGGESTIONS, 2, 1)
    assert [task.epochs for task in Executor.tasks] == [1, 1, 2, 2, 2]
    assert [task.settings["params.units"] for task in Executor.tasks] == [4, 8, 4, 8, 16]
    assert found.paces == {n: Pace(1.5, 0.0) for n in range(3)}
    assert not any(Path(task.directory).exists() for task in Executor.tasks)
    (hello,) = Executor.hellos
    assert "log" not in yaml.safe_load(hello.spec)  # no logger sees runs that are no part of it


@pytest.mark.parametrize("name", ["slow", "failing"])
def test_without_a_whole_epoch_steps_are_measured(
    plan: SweepPlan, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(Executor, name, True)
    monkeypatch.setattr(calibration, "_LONGEST", 0.0)
    monkeypatch.setattr(forecast, "measured_step", lambda compiled, seconds: 0.25)
    assert calibrate(plan, SUGGESTIONS, 1, 1).paces == {}
    (cost,) = forecast.predict(plan, SUGGESTIONS, 1, 1).costs
    assert (cost.epoch, cost.around) == (0.25 * 5, 0.0)
