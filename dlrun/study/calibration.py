"""The time of a study's runs, measured: some of them are trained for an epoch or two.

They are trained as in the study: by as many processes, each with its threads, in a folder that is
removed, without loggers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dlrun.errors import DataError
from dlrun.experiment import plugins
from dlrun.run_directory.directory import RunDirectory
from dlrun.search.suggestion import Suggestion, thawed
from dlrun.spec.nodes import plain
from dlrun.spec.resolved import to_yaml
from dlrun.study.executors.local import LocalExecutor
from dlrun.study.executors.protocol import Ended, Epoch, Hello, Task
from dlrun.study.sweep.plan import SweepPlan

_EPOCHS = 2
"""Epochs of a measured run; the last one is measured, because the first one prepares more."""
_SECONDS = 4.0
"""After so many seconds, no further run is measured."""
_LONGEST = 60.0
"""Seconds after which runs are stopped, even in their first epoch."""
_MOMENT = 0.2


@dataclass(frozen=True, slots=True)
class Pace:
    """What a run takes.

    Attributes:
        epoch: seconds of an epoch with its validation.
        around: seconds of everything else: reading the spec, files, the scores at the end.
    """

    epoch: float
    around: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured.

    Attributes:
        start: seconds until all workers have trained their first epoch.
        paces: of the measured trials, by their place among the suggestions.
    """

    start: float
    paces: Mapping[int, Pace]


def calibrate(
    plan: SweepPlan, suggestions: Sequence[Suggestion], workers: int, threads: int
) -> Calibration:
    """Measure some trials of a study, for a few seconds or the time of their first epochs.

    Args:
        plan: of the study.
        suggestions: of the trials; every worker trains at least one.
        workers: number of processes, at most as many as suggestions.
        threads: of each.

    Raises:
        MachineError: a worker cannot start.
    """
    spec = {key: each for key, each in thawed(plain(plan.base.root)).items() if key != "log"}
    folder = str(plan.base.folder.absolute())
    hello = Hello(to_yaml(spec), plan.base.name, folder, plugins.loaded(), plan.portable)
    with TemporaryDirectory(prefix="dlrun-") as place:
        (Path(place) / "trials").mkdir()
        executor = LocalExecutor(hello, workers, threads, None, Path(place) / "workers.log")
        with closing(executor):
            run = _Runs(plan, executor, Path(place))
            began = time.monotonic()
            for number in range(workers):
                run.submit(suggestions[number], epochs=1)
            run.wait(began + _LONGEST, all_of_them=True)
            start = time.monotonic() - began
            if run.stopped:
                return Calibration(start, {})
            numbers = {}
            began = time.monotonic()
            for place_of, suggestion in enumerate(suggestions):
                if place_of >= workers and time.monotonic() > began + _SECONDS:
                    break
                numbers[run.submit(suggestion, epochs=_EPOCHS)] = place_of
                run.wait(began + _LONGEST, all_of_them=False)
            run.wait(began + _LONGEST, all_of_them=True)
            return Calibration(
                start, {numbers[n]: pace for n, pace in run.paces().items() if n in numbers}
            )


class _Runs:
    """Runs that are measured.

    Attributes:
        stopped: whether they took too long.
    """

    def __init__(self, plan: SweepPlan, executor: LocalExecutor, place: Path) -> None:
        self._plan, self._executor, self._place = plan, executor, place
        self._began: dict[int, float] = {}
        self._ended: dict[int, float] = {}
        self._paths: dict[int, Path] = {}
        self._running: set[int] = set()
        self.stopped = False

    def submit(self, suggestion: Suggestion, epochs: int) -> int:
        """Start a run; returns its number."""
        path = self._place / "trials" / str(len(self._paths))
        score = self._plan.sweep.goal.score
        task = Task(self._plan.settings(suggestion, 0), epochs, score, str(path))
        number = self._executor.submit(task)
        self._paths[number], self._began[number] = path, time.monotonic()
        self._running.add(number)
        return number

    def wait(self, deadline: float, *, all_of_them: bool) -> None:
        """Wait until all runs have ended, or a worker is free; stop them at the deadline."""
        while self._running if all_of_them else not self._executor.free:
            if time.monotonic() > deadline and not self.stopped:
                self.stopped = True
                self._executor.cease()
            for news in self._executor.news(_MOMENT):
                if isinstance(news.what, Epoch):
                    continue
                if isinstance(news.what, Ended) and not news.what.ceased:
                    self._ended[news.number] = time.monotonic()
                self._running.discard(news.number)

    def paces(self) -> dict[int, Pace]:
        """The paces of the runs that ended normally, by number."""
        found = {}
        for number, ended in self._ended.items():
            try:
                seconds = RunDirectory(self._paths[number]).metrics()["seconds"]
            except DataError:  # it diverged in its first epoch
                continue
            if seconds:
                epochs = [end - start for start, end in zip([0.0, *seconds], seconds, strict=False)]
                whole = ended - self._began[number]
                found[number] = Pace(epochs[-1], max(0.0, whole - seconds[-1]))
        return found
