"""Studies whose runs nobody trains: simulated workers end them in a random order."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studies import LOSS, study, write

from dlrun.run_directory.ending import Ending
from dlrun.search.pruners.base import SynchronousPruner
from dlrun.study.clock import Clock
from dlrun.study.execution import Execution
from dlrun.study.executors.base import News
from dlrun.study.executors.protocol import Ended, Task
from dlrun.study.gate import Gate
from dlrun.study.schedulers.race import Race
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.job import Job, JobOutcome
from dlrun.training.stop import Stop

Run = Callable[[Job], tuple[Mapping[str, float], int]]
"""Scores of a run, none if it fails, and the epochs that it trained."""


@dataclass(frozen=True)
class Simulation:
    """A session of a study: jobs in the order of their starts, and why it ended."""

    started: Sequence[Job]
    conclusion: Conclusion | None
    epochs: int
    board: Mapping[str, bytes]


class _KillError(Exception):
    pass


class Workers:
    """An executor whose tasks end one by one, in random order."""

    threads = 1

    def __init__(self, jobs: int, seed: int) -> None:
        self.jobs, self._random = jobs, random.Random(seed)
        self._running: list[int] = []
        self._number = 0
        self.ceased = False

    @property
    def free(self) -> int:
        return self.jobs - len(self._running)

    def submit(self, task: Task) -> int:
        assert not self.ceased
        self._number += 1
        self._running.append(self._number)
        return self._number

    def answer(self, number: int, *, continues: bool) -> None:
        raise AssertionError

    def news(self, timeout: float) -> Sequence[News]:
        if not self._running:
            return []
        place = self._random.randrange(len(self._running))
        return [News(self._running.pop(place), Ended({}, ceased=self.ceased))]

    def waiting(self) -> str | None:
        return None

    def cease(self) -> None:
        self.ceased = True

    def close(self) -> None:
        pass


def simulate(
    folder: Path,
    run: Run,
    jobs: int = 1,
    seed: int = 0,
    most: int | None = None,
    workers: Callable[[int, int], Workers] = Workers,
    **keys: Any,
) -> Simulation:
    """A session of a study with so many workers.

    Args:
        folder: where its folder ``studies`` is.
        run: what its runs end with.
        jobs: number of workers.
        seed: of the order in which runs end.
        most: number of runs after whose end the study is killed; None for none.
        workers: makes the workers, from their number and the seed.
        keys: of the sweep.
    """

    folder.mkdir(exist_ok=True)
    started: list[Job] = []
    ended = 0

    class Simulated(Execution):
        def _start(self, job: Job) -> Any:
            started.append(job)
            return super()._start(job)

        def _outcome(
            self, job: Job, name: str, costs: Mapping[str, float] | None
        ) -> JobOutcome | None:
            nonlocal ended
            if costs is None:  # after a kill
                return None
            if most is not None and ended >= most:
                raise _KillError
            ended += 1
            scores, epochs = run(job)
            status = "completed" if scores else "failed"
            by = Ending("rung", job.epochs) if job.epochs else Ending("epochs", epochs)
            what = "" if scores else "it broke"
            return JobOutcome(status, what, scores, epochs, 0.0, 1.0, name, by)

    with study(folder, **keys) as ledger:
        prune = ledger.plan.sweep.prune
        assert prune is None or isinstance(prune, SynchronousPruner)
        scheduler = Race(ledger) if ledger.plan.sweep.racing else Rounds(ledger, prune)
        execution = Simulated(ledger, workers(jobs, seed), Clock(ledger))
        execution.clear_up()
        try:
            for _ in execution.run(scheduler, Stop()):
                pass
            Gate(ledger).conclude()
        except _KillError:
            pass
        write(ledger)
        epochs = sum(_trained(ledger.state.outcomes).values())
        names = ("leaderboard.csv", "leaderboard.json", "leaderboard.md")
        board = {name: (ledger.directory.path / name).read_bytes() for name in names}
        return Simulation(started, ledger.state.conclusion, epochs, board)


def _trained(outcomes: Mapping[Job, JobOutcome]) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for job, outcome in outcomes.items():
        run = (job.trial, job.repeat)
        found[run] = max(found.get(run, 0), outcome.epochs)
    return found


def scored(*values: float, epochs: int = 4, rest: float = 9.0) -> Run:
    """Runs of trials with these losses, the later ones ``rest``; NaN fails."""

    def run(job: Job) -> tuple[Mapping[str, float], int]:
        value = values[job.trial] if job.trial < len(values) else rest
        return ({} if value != value else {LOSS: value}), job.epochs or epochs

    return run
