"""The work of a study itself for each run, with runs that train nothing."""

from __future__ import annotations

import cProfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.run_directory.ending import Ending
from dlrun.study import execution, study
from dlrun.study.events import JobEnded
from dlrun.study.executors.base import News
from dlrun.study.executors.protocol import Ended, Task
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.study import Study
from dlrun.study.sweep.compile import read_plan
from dlrun.training.stop import Stop

TRIALS, PART = 240, 60


class Nothing:
    """In the place of a LocalExecutor: runs end where they would begin."""

    def __init__(self, *_: object) -> None:
        self.jobs = self.threads = 1
        self._numbers: list[int] = []
        self._submitted = 0

    @property
    def free(self) -> int:
        return 1 - len(self._numbers)

    def submit(self, task: Task) -> int:
        self._submitted += 1
        self._numbers.append(self._submitted)
        return self._submitted

    def news(self, timeout: float) -> Sequence[News]:
        numbers, self._numbers = self._numbers, []
        return [News(number, Ended({}, ceased=False)) for number in numbers]

    def waiting(self) -> None:
        pass

    def close(self) -> None:
        pass


def outcome(_: object, job: Job, name: str, costs: Mapping[str, float] | None) -> JobOutcome:
    loss = (7919 * job.trial % 1009) / 1009
    ended_by = Ending("rung", job.epochs) if job.epochs else Ending("epochs", 9)
    scores = {"validation.loss": loss}
    return JobOutcome("completed", "", scores, job.epochs or 9, 1.0, 0.1, name, ended_by)


@pytest.fixture(autouse=True)
def no_training(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(study, "LocalExecutor", Nothing)
    monkeypatch.setattr(execution.Execution, "_outcome", outcome)
    monkeypatch.setattr(execution, "_WRITTEN", 1e9)  # seconds; the pace of the leaderboard
    yield


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"limits": ["validation.loss <= 0.9"]},
        {"prune": {"halving": {"min_epochs": 3}}},
    ],
    ids=["random", "limits", "halving"],
)
def test_the_calls_for_a_run_do_not_grow_with_the_number_of_trials(
    tmp_path: Path, keys: dict[str, Any]
) -> None:
    spec, search = {**SPEC, "epochs": 9}, {"random": {"trials": TRIALS}}
    plan = read_plan(write_sweep(tmp_path, spec=spec, search=search, **keys))
    profile, ended, calls = cProfile.Profile(), 0, [0]
    profile.enable()
    for event in Study(plan, StudyDirectory(tmp_path / "study"), 1).run(Stop()):
        ended += isinstance(event, JobEnded)
        if ended == len(calls) * PART and ended <= TRIALS:
            profile.disable()
            calls.append(sum(each.callcount for each in profile.getstats()))
            profile.enable()
    profile.disable()
    parts = [after - before for before, after in pairwise(calls)]
    assert len(parts) == TRIALS // PART
    # The first part has the suggestions and imports; with a look at all trials for each run, the
    # last part would have twice the calls of the second one.
    assert parts[3] < 1.2 * parts[1], parts
