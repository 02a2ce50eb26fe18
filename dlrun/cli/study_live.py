"""The live display of a study: the runs under way with their curves, the best trials, the rest."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dlrun.cli.lines import duration, number
from dlrun.cli.study_lines import described
from dlrun.study.events import (
    BatchStarted,
    Event,
    JobCrashed,
    JobEnded,
    JobEpoch,
    JobInterrupted,
    JobStarted,
    StudyEnded,
    StudyStarted,
    TrialEnded,
    Waiting,
)
from dlrun.study.store.job import Job
from dlrun.study.store.trials import Trial

_INTERVAL = 0.1
"""Seconds between two drawings, at least."""
_BARS = "▁▂▃▄▅▆▇█"
_CURVE = 20
"""Letters of a curve."""
_BEST = 5
"""Trials that are listed."""
_OTHER_LINES = 12


class StudyLive:
    """Redraws itself as events come; a context manager that gives the terminal back.

    What a run of the study says as it happens, failures above all, is printed above the display.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._study: StudyStarted | None = None
        self._began = self._next_drawing = 0.0
        self._running: dict[Job, _Curve] = {}
        self._best: list[Trial] = []
        self._counts = dict.fromkeys(("completed", "eliminated", "pruned", "failed"), 0)
        self._wanted = self._done = 0
        self._live = Live(console=console, auto_refresh=False, get_renderable=self._screen)

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
        """Take in an event and draw, if it is time to.

        Args:
            event: what happened.
            lines: the same in plain text.
        """
        match event:
            case StudyStarted():
                self._study, self._began = event, time.monotonic()
                self._wanted = (event.trials or 0) * event.repeats  # unless a batch says better
                for line in lines:
                    self._console.print(line, markup=False, highlight=False)
                self._live.start()
            case BatchStarted(runs=runs):
                self._wanted, self._done = runs, 0
            case JobStarted(job, suggestion):
                self._running[job] = _Curve(described(suggestion))
            case JobEpoch(job, epoch, epochs, score):
                self._running[job].add(epoch, epochs, score)
            case JobCrashed(job) | JobInterrupted(job):
                self._running.pop(job, None)
                self._say(lines)
            case JobEnded(job, outcome):
                self._running.pop(job, None)
                self._done += 1
                if outcome.status == "failed":
                    self._say(lines)
            case TrialEnded(trial):
                self._take(trial)
            case Waiting():
                self._say(lines)
            case StudyEnded():
                self._running.clear()
                self._next_drawing = math.inf
                self._live.update(Text(), refresh=True)
                self._live.stop()
        if time.monotonic() >= self._next_drawing:
            self._live.refresh()
            self._next_drawing = time.monotonic() + _INTERVAL

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._console.print(line, style="error", markup=False, highlight=False)

    def _take(self, trial: Trial) -> None:
        self._counts[trial.status] += 1
        assert self._study is not None
        if len(self._study.objectives) > 1:
            return
        (way,) = self._study.objectives.values()
        sign = -1 if way == "maximize" else 1
        if trial.status == "completed" and trial.estimate is not None:
            self._best.append(trial)
            self._best.sort(key=lambda each: (sign * _mean(each), each.number))
            del self._best[_BEST:]

    def _screen(self) -> RenderableType:
        if self._study is None:
            return Text()
        width = self._console.width
        parts: list[RenderableType] = []
        if self._best:
            parts.append(self._best_table(self._study, width))
        parts += [each.line(job, self._study.repeats, width) for job, each in self._shown()]
        parts += [self._bar(), self._status()]
        return Group(*parts)

    def _shown(self) -> list[tuple[Job, _Curve]]:
        room = max(1, self._console.height - _OTHER_LINES)
        return sorted(self._running.items())[:room]

    def _best_table(self, study: StudyStarted, width: int) -> RenderableType:
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, width=width)
        table.add_column("best", justify="right", no_wrap=True)
        table.add_column(next(iter(study.objectives)), justify="right", no_wrap=True)
        table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
        for position, trial in enumerate(self._best):
            row = f"trial {trial.number}", number(_mean(trial)), described(trial.suggestion)
            table.add_row(*row, style="best" if position == 0 else "")
        return table

    def _bar(self) -> RenderableType:
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_row(
            f"runs {self._done}/{self._wanted}",
            ProgressBar(total=max(1, self._wanted), completed=self._done),
        )
        return line

    def _status(self) -> RenderableType:
        counts = [f"{word} {n}" for word, n in self._counts.items() if n]
        elapsed = time.monotonic() - self._began
        parts = [*counts, duration(elapsed)]
        if self._left() is not None:
            parts.append(f"about {duration(self._left() or 0.0)} left")
        return Text("  ".join(parts), style="faint")

    def _left(self) -> float | None:
        """Seconds, if all trials take as long as those of this session have."""
        assert self._study is not None
        ended = sum(self._counts.values())
        if self._study.trials is None or not ended:
            return None
        before = self._study.done / self._study.repeats
        rest = max(0.0, self._study.trials - before - ended)
        return (time.monotonic() - self._began) / ended * rest


class _Curve:
    """A run under way: its values and its scores so far."""

    def __init__(self, values: str) -> None:
        self._values = values
        self._scores: list[float] = []
        self._epoch = self._epochs = 0

    def add(self, epoch: int, epochs: int, score: float | None) -> None:
        """Take in an epoch."""
        self._epoch, self._epochs = epoch, epochs
        if score is not None and math.isfinite(score):
            self._scores.append(score)

    def line(self, job: Job, repeats: int, width: int) -> RenderableType:
        """The run on one line of the terminal."""
        repeat = f".{job.repeat + 1}" if repeats > 1 else ""
        last = number(self._scores[-1]) if self._scores else ""
        progress = f"{self._epoch}/{self._epochs}" if self._epochs else "starts"
        text = f"{job.trial:4}{repeat}  {progress:>9}  {last:>10}  "
        text += f"{sparkline(self._scores, _CURVE):{_CURVE}}  {self._values}"
        return Text(text, no_wrap=True, overflow="ellipsis")


def sparkline(values: Sequence[float], width: int) -> str:
    """A curve in letters, from the least to the greatest value.

    Args:
        values: finite.
        width: letters at most; of more values, the mean of neighbours is shown.
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


def _mean(trial: Trial) -> float:
    assert trial.estimate is not None
    return trial.estimate.mean
