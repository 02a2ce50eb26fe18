"""Follows a run: from its files, the events that its training yielded."""

from __future__ import annotations

import math
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from dlrun.errors import DataError
from dlrun.following.events import Killed
from dlrun.following.from_spec import assumed_start, monitor_of
from dlrun.following.run_end import ended
from dlrun.run_directory import metrics
from dlrun.run_directory.access import present
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.lock import held
from dlrun.run_directory.not_a_run import JOURNAL
from dlrun.run_directory.spec_keys import read_keys
from dlrun.training.events import (
    EpochEnded,
    Event,
    Restarted,
    RunStarted,
    StepEnded,
)
from dlrun.training.monitor import Monitor

STRIKES = 3
"""How often it must be seen that a run has neither a result nor a process, to count as killed."""

_NEEDED = ("epoch", "step", "seconds", "lr")
"""Columns of metrics.csv without which no epoch can be shown."""

_Row = dict[str, float]


class RunFollower:
    """Follows a run by its files, which are only read; no lock is taken.

    Args:
        directory: of the run.

    Attributes:
        path: the directory.
        over: whether the last call of ``poll`` has seen the end.

    Raises:
        DataError: it is not a run directory, or one of a cross-validation.
    """

    def __init__(self, directory: Path) -> None:
        self._run = RunDirectory.open(directory)
        self._run.check_single()
        self.path, self.over = directory, False
        self._start: RunStarted | None = None
        self._marks = 0
        self._rows: list[_Row] = []
        self._monitor: Monitor | None = None
        self._strikes = 0
        self._grown = time.monotonic()

    def clock(self) -> float:
        """Seconds of training so far: those of the last epoch, and the time since it was seen."""
        seconds = self._rows[-1]["seconds"] if self._rows else 0.0
        return seconds if self.over else seconds + time.monotonic() - self._grown

    def poll(self) -> Iterator[Event | Killed]:
        """What has happened since the last call; the last step again if nothing has.

        Raises:
            DataError: a file is broken, or the directory is gone.
        """
        self.over = False
        lives = held(self._run.path)  # before the files: the result is written before the end
        if not present(self._run.resolved_file):
            raise DataError(f"{self._run.path}: the run directory is gone")
        marks = self._read_marks()
        rows = self._read_rows()  # after the starts, which have a line for every cut of the rows
        if rows and not marks:
            marks = self._read_marks()  # a start that was written since, before its first row
        yield from self._started(marks, rows, lives=lives)
        if self._start is not None:
            if not self._continues(rows):
                if marks and lives:  # they are being replaced; the starts will have the reason
                    return
                self._go_back(self._in_common(rows))  # an older version, or it was killed
            yield from self._epochs(rows)
        self.over = self._run.has_ended and not lives
        if self.over:
            yield ended(self._run)
            return
        self._strikes = 0 if lives else self._strikes + 1
        if self._strikes >= STRIKES:
            self.over = True
            yield Killed(self._run.path, len(self._rows), False, self._advice())
            return
        yield from self._still()

    def _read_marks(self) -> list[RunStarted | Restarted]:
        kinds = {"run_started": RunStarted, "restarted": Restarted}
        return [kinds[each.pop("event")](**each) for each in self._run.starts()]

    def _read_rows(self) -> list[_Row]:
        path = self._run.metrics_file
        if not present(path):
            return []
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and not status.st_size:
            return []
        columns = metrics.read_columns(path)
        names = list(columns)
        metrics.need(columns, _NEEDED, path)
        rows = (dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))
        return [{**row, "epoch": int(row["epoch"]), "step": int(row["step"])} for row in rows]

    def _started(
        self, marks: list[RunStarted | Restarted], rows: list[_Row], *, lives: bool
    ) -> list[Event]:
        """The starts and restarts that are new; of those before the first call only the start."""
        new, self._marks = marks[self._marks :], len(marks)
        if self._start is None:
            starts = [mark for mark in marks if isinstance(mark, RunStarted)]
            if not starts and not rows and (lives or not self._run.has_ended):
                self._marks = 0
                return []
            spec = read_keys(self._run.resolved_file)
            self._start = starts[-1] if starts else assumed_start(self._run.name, spec, rows)
            self._monitor = monitor_of(spec, self._start)
            self._grown = time.monotonic()
            return [replace(self._start, epoch=0, step=0)]
        found: list[Event] = []
        for mark in new:
            self._go_back(mark.epoch)
            self._grown = time.monotonic()
            if isinstance(mark, RunStarted):
                self._start = mark
            found.append(mark)
        return found

    def _go_back(self, epoch: int) -> None:
        """Forget the epochs after this one, also for the choice of the best."""
        del self._rows[epoch:]
        if self._monitor is not None:
            self._monitor.best_epoch, self._monitor.waited = 0, 0
            for row in self._rows:
                self._record(row)

    def _continues(self, rows: list[_Row]) -> bool:
        known = len(self._rows)
        return len(rows) >= known and repr(rows[:known]) == repr(self._rows)  # NaN equals NaN

    def _in_common(self, rows: list[_Row]) -> int:
        pairs = zip(self._rows, rows, strict=False)
        return next(
            (n for n, pair in enumerate(pairs) if repr(pair[0]) != repr(pair[1])),
            min(len(self._rows), len(rows)),
        )

    def _epochs(self, rows: list[_Row]) -> Iterator[EpochEnded]:
        monitor = self._monitor
        assert monitor is not None
        for row in rows[len(self._rows) :]:
            improved = self._record(row)
            self._rows.append(row)
            self._grown = time.monotonic()
            left = monitor.patience_left
            number = int(row["epoch"])
            yield EpochEnded(number, row, improved, monitor.best_epoch, monitor.best, left)

    def _record(self, row: Mapping[str, float]) -> bool:
        assert self._monitor is not None and self._start is not None
        value = row.get(self._start.monitor, math.nan)
        return self._monitor.record(int(row["epoch"]), value)

    def _still(self) -> list[Event]:
        """The last step that is known, so that a display is drawn again."""
        if self._start is None or not self._rows:
            return []
        row = self._rows[-1]
        loss = row.get("train.loss", math.nan)
        return [StepEnded(int(row["epoch"]), self._start.steps, loss)]

    def _advice(self) -> str:
        path = self._run.path
        if path.parent.name == "trials" and present(path.parent.parent / JOURNAL):
            return "run the command of its study again to continue it"
        return f"resume with: dlrun resume {path}"
