"""The live display of a study: running trials with their curves, the best trials, progress."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from statistics import fmean
from types import TracebackType
from typing import Self

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dlrun.cli.display.frame import Frame, status_line
from dlrun.cli.display.number_column import number_column
from dlrun.cli.display.study_lines import described
from dlrun.quantities import duration
from dlrun.search.suggestion import Suggestion
from dlrun.study.events import (
    BatchStarted,
    Event,
    JobCrashed,
    JobEnded,
    JobEpoch,
    JobInterrupted,
    JobStarted,
    Looked,
    StudyEnded,
    StudyStarted,
    TrialEnded,
    TrialForked,
    Waiting,
)
from dlrun.study.results.order import ORDER
from dlrun.study.store.job import Job
from dlrun.study.store.trial import Trial

_INTERVAL = 0.1
"""Seconds between two drawings, at least."""
_BARS = "▁▂▃▄▅▆▇█"
_CURVE, _SHORT_CURVE = 20, 8
"""Characters of a curve, on a terminal of 100 columns or more and on a narrower one."""
_BEST = 5
"""Trials that are listed."""
_OTHER_LINES = 12
"""Further lines of the screen: headings, the best trials, bar, status and one to spare."""


class StudyLive:
    """Redraws itself with every event; a context manager that restores the terminal.

    Messages of runs, such as failures, are printed above the display.

    Args:
        console: the terminal.
        clock: seconds that the study has taken so far.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._study: StudyStarted | None = None
        self._began = self._next_drawing = 0.0
        self._running: dict[Job, _Curve] = {}
        self._scores: dict[int, list[float]] = {}
        self._completed: dict[int, tuple[float, Suggestion]] = {}
        self._counts = dict.fromkeys(ORDER, 0)
        self._trials: int | None = None
        self._ended: set[int] = set()
        self._batch = self._done = self._runs = 0
        self._live = Frame(console, self._screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event, lines: Sequence[str]) -> None:
        """Take in an event, and draw if it is time to.

        Args:
            event: what happened.
            lines: the same in plain text.
        """
        match event:
            case StudyStarted():
                self._study, self._began = event, self._clock()
                self._ended, self._trials = set(event.ended), event.trials
                for line in lines:
                    self._console.print(line, markup=False, highlight=False)
                self._live.start()
            case BatchStarted(trials, _, runs):
                self._batch, self._done = runs, 0
                ends_early = self._study is not None and self._study.limits
                if self._trials is None and not ends_early:  # a grid, whose first batch is all
                    self._trials = len(self._ended.union(trials))
            case Looked():
                for line in lines:
                    self._console.print(line, markup=False, highlight=False)
            case JobStarted(job, suggestion):
                self._running[job] = _Curve(described(suggestion))
            case JobEpoch(job, epoch, epochs, score):
                self._running[job].add(epoch, epochs, score)
            case JobCrashed(job) | JobInterrupted(job):
                self._running.pop(job, None)
                self._print(lines)
            case JobEnded(job, outcome):
                self._running.pop(job, None)
                self._done += 1
                self._runs += 1
                if outcome.status == "failed":
                    self._print(lines)
                else:
                    self._score(event)
            case TrialEnded(trial):
                self._take(trial)
            case TrialForked():
                self._trials = None if self._trials is None else self._trials + 1
            case Waiting():
                self._print(lines)
            case StudyEnded():
                self._study, self._next_drawing = None, math.inf
                self._live.transient = True  # the table of the best is printed after it
                self._live.stop()
        if time.monotonic() >= self._next_drawing:
            self._live.refresh()
            self._next_drawing = time.monotonic() + _INTERVAL

    def _print(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._console.print(line, style="error", markup=False, highlight=False)

    def _score(self, event: JobEnded) -> None:
        """Take in a run; its trial is complete as soon as all of its runs are."""
        assert self._study is not None
        if event.job.epochs or event.score is None:  # a pruner decides whether it continues
            return
        scores = self._scores.setdefault(event.job.trial, [])
        scores.append(event.score)
        if len(scores) == self._study.repeats:
            self._completed[event.job.trial] = fmean(scores), event.suggestion

    def _take(self, trial: Trial) -> None:
        self._counts[trial.status] += 1
        if not trial.skipped:  # those come on top of the trials of the study
            self._ended.add(trial.number)
        self._completed.pop(trial.number, None)
        if trial.status == "completed" and trial.estimate is not None:
            self._completed[trial.number] = trial.estimate.mean, trial.suggestion

    def _best(self, study: StudyStarted) -> list[tuple[int, float, Suggestion]]:
        """The best trials with their means; none if there are several objectives."""
        if len(study.objectives) > 1:
            return []
        sign = -1 if "maximize" in study.objectives.values() else 1
        trials = [(number, *each) for number, each in self._completed.items()]
        return sorted(trials, key=lambda each: (sign * each[1], each[0]))[:_BEST]

    def _screen(self) -> RenderableType:
        if self._study is None:
            return Text()
        width = self._console.width
        parts: list[RenderableType] = []
        if best := self._best(self._study):
            parts.append(_best_table(best, next(iter(self._study.objectives)), width))
        if self._running:
            parts.append(self._running_table(self._study, width))
        parts += [self._bar(self._study), self._status()]
        return Group(*parts)

    def _running_table(self, study: StudyStarted, width: int) -> RenderableType:
        room = max(1, self._console.height - _OTHER_LINES)
        running = sorted(self._running.items())[:room]
        letters = _CURVE if width >= 100 else _SHORT_CURVE
        table = _table(width)
        table.add_column("running", no_wrap=True)
        table.add_column("epoch", justify="right", no_wrap=True, min_width=8)
        table.add_column(next(iter(study.objectives)), justify="right", no_wrap=True, min_width=10)
        table.add_column("curve", no_wrap=True, min_width=letters)
        table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
        last = iter(number_column([curve.scores[-1] for _, curve in running if curve.scores]))
        for job, curve in running:
            seed = f" seed {job.repeat + 1}/{study.repeats}" if study.repeats > 1 else ""
            line = sparkline(curve.scores, letters)
            score = next(last) if curve.scores else ""
            table.add_row(f"trial {job.trial}{seed}", curve.progress, score, line, curve.values)
        return table

    def _bar(self, study: StudyStarted) -> RenderableType:
        """How far the study is: in runs, or in trials if some of them may be ended early."""
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True, justify="right")
        total, done = self._progress(study)
        thing = "trials" if study.prunes else "runs"
        shown = f"{thing} {done}" if total is None else f"{thing} {done}/{total}"
        in_batch = self._batch and study.prunes
        line.add_row(
            shown,
            ProgressBar(max(1, total or 0), done if total else 0),
            f"run {self._done}/{self._batch} of the batch" if in_batch else "",
        )
        return line

    def _progress(self, study: StudyStarted) -> tuple[int | None, int]:
        """Runs or trials of the whole study, None if unknown, and how many of them have ended."""
        if study.prunes:
            return self._trials, len(self._ended)
        runs = None if self._trials is None else self._trials * study.repeats
        return runs, study.done + self._runs

    def _status(self) -> RenderableType:
        parts = {word: f"{word} {n}" for word, n in self._counts.items() if n}
        parts["elapsed"] = duration(self._clock() - self._began)
        left = self._left(self._study) if self._study else None
        if left is not None:
            parts["left"] = f"about {duration(left)} left"
        shorter = [(name, "") for name in ("elapsed", "eliminated", "pruned")]
        return status_line(parts, shorter, self._console.width)

    def _left(self, study: StudyStarted) -> float | None:
        """Estimated seconds that are left, from what ended in this session."""
        total, done = self._progress(study)
        new = done - (len(study.ended) if study.prunes else study.done)
        if total is None or not new:
            return None
        return (self._clock() - self._began) / new * max(0, total - done)


class _Curve:
    """A running trial: its values and its scores so far."""

    def __init__(self, values: str) -> None:
        self.values = values
        self.scores: list[float] = []
        self.progress = "starting"

    def add(self, epoch: int, epochs: int, score: float | None) -> None:
        """Take in an epoch."""
        self.progress = f"{epoch}/{epochs}"
        if score is not None and math.isfinite(score):
            self.scores.append(score)


def _best_table(
    best: Sequence[tuple[int, float, Suggestion]], score: str, width: int
) -> RenderableType:
    table = _table(width)
    table.add_column("best", no_wrap=True)
    table.add_column(score, justify="right", no_wrap=True, min_width=10)
    table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
    means = number_column([mean for _, mean, _ in best])
    for position, ((number, _, suggestion), mean) in enumerate(zip(best, means, strict=True)):
        style = "" if position else "best"
        table.add_row(f"trial {number}", mean, described(suggestion), style=style)
    return table


def _table(width: int) -> Table:
    return Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, width=width)


def sparkline(values: Sequence[float], width: int) -> str:
    """A curve of block characters, from the smallest to the largest value.

    Args:
        values: finite.
        width: characters at most; if there are more values, means of neighbours are shown.
    """
    if not values:
        return ""
    size = max(1, math.ceil(len(values) / width))
    parts = [values[start : start + size] for start in range(0, len(values), size)]
    means = [sum(part) / len(part) for part in parts]
    low, high = min(means), max(means)
    if high == low:
        return _BARS[len(_BARS) // 2] * len(means)
    return "".join(_BARS[round((mean - low) / (high - low) * (len(_BARS) - 1))] for mean in means)
