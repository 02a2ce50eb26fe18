"""The live display of a training: the last epochs as a table, a progress bar, a status line."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleDimensions, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.segment import Segments
from rich.table import Table
from rich.text import Text

from dlrun.cli.display.epoch_table import epoch_table
from dlrun.cli.display.frame import Frame, status_line
from dlrun.quantities import duration, number
from dlrun.training.events import (
    EpochEnded,
    Event,
    Restarted,
    RunEnded,
    RunStarted,
    StepEnded,
)

_KEPT = 200
"""Epochs that are kept, for the highest screen."""
_OTHER_LINES = 8
"""Further lines of the screen: the table's head, bar, status and one to spare."""
_INTERVAL = 0.1
"""Seconds between two drawings, at least."""
_SHARE = 0.02
"""Fraction of the time for drawing, at most; a slow machine draws less often."""


class LiveDisplay:
    """Redraws itself with every event; a context manager that restores the terminal.

    It has no thread: a call draws if the last drawing is long enough ago, so that most steps only
    read the clock.

    Args:
        console: the terminal.
        clock: seconds that training has taken so far; None for those of this process.
    """

    def __init__(self, console: Console, clock: Callable[[], float] | None = None) -> None:
        self._console, self._clock = console, clock or time.perf_counter
        self._run: RunStarted | None = None
        self._began = 0.0
        self._next_drawing = 0.0
        self._step = StepEnded(epoch=1, step=0, loss=math.nan)
        self._before = 0
        self._recent: deque[EpochEnded] = deque(maxlen=_KEPT)
        self._best: EpochEnded | None = None
        self._table: RenderableType = Text()
        self._table_state: tuple[ConsoleDimensions, int] | None = None
        self._note = ""
        self._ended = False
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

    def __call__(self, event: Event) -> None:
        """Take in an event, and draw if it is time to."""
        self._note = ""
        if isinstance(event, StepEnded):
            self._step = event
        elif isinstance(event, EpochEnded):
            self._recent.append(event)
            if event.improved:
                self._best = event
        elif isinstance(event, Restarted):
            self._go_back(event.epoch)
        elif isinstance(event, RunStarted):
            self._go_back(event.epoch)  # a run that is followed may be resumed
            self._run, self._began = event, self._clock()
            self._step = StepEnded(event.epoch + 1, event.step, math.nan)
            self._before = self._steps_done(event)
            self._live.start()
        elif isinstance(event, RunEnded):
            self._end()
        if time.perf_counter() >= self._next_drawing:
            self._draw()

    def note(self, text: str) -> None:
        """Draw at once, with this text as the status line until the next event."""
        self._note = text
        self._draw()

    def _draw(self) -> None:
        began = time.perf_counter()
        self._live.refresh()
        ended = time.perf_counter()
        self._next_drawing = ended + max(_INTERVAL, (ended - began) / _SHARE)

    def _go_back(self, epoch: int) -> None:
        """Forget the epochs after this one."""
        while self._recent and self._recent[-1].epoch > epoch:
            self._recent.pop()
        if self._best is not None and self._best.epoch > epoch:
            self._best = None
        self._table_state = None
        self._step = StepEnded(epoch=epoch + 1, step=0, loss=math.nan)

    def _end(self) -> None:
        """Leave the table on the screen, without bar and status."""
        self._ended, self._next_drawing = True, math.inf
        self._live.stop()

    def _screen(self) -> RenderableType:
        if self._run is None:
            return Text()
        parts: list[RenderableType] = []
        if self._recent:
            parts.append(self._epochs(self._run))
        if not self._ended:
            parts += [self._bar(self._run), self._status(self._run)]
        return Group(*parts)

    def _epochs(self, run: RunStarted) -> RenderableType:
        """The table, laid out once per epoch: it takes ten times the time of all the rest."""
        size, recent = self._console.size, tuple(self._recent)
        state = (size, recent[-1].epoch)
        if self._table_state != state:
            rows = max(1, size.height - _OTHER_LINES)
            table = epoch_table(recent, self._best, run.monitor, size.width, rows)
            self._table = Segments(list(self._console.render(table)))
            self._table_state = state
        return self._table

    def _bar(self, run: RunStarted) -> RenderableType:
        step = self._step
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True, justify="right")
        line.add_row(
            f"epoch {step.epoch}/{run.epochs}",
            ProgressBar(total=run.epochs * run.steps, completed=self._steps_done(run)),
            f"step {step.step:{len(str(run.steps))}}/{run.steps}",
        )
        return line

    def _status(self, run: RunStarted) -> RenderableType:
        if self._note:
            return status_line({"note": self._note}, [], self._console.width)
        elapsed, done = self._clock() - self._began, self._steps_done(run) - self._before
        parts = {"loss": f"loss {number(self._step.loss)}"} if done else {}
        shorter = [("patience", "")]
        if self._best is not None:
            best = f"best {run.monitor} {number(self._best.best)}"
            parts["best"] = f"{best} (epoch {self._best.epoch})"
            shorter.append(("best", best))
        if self._recent and self._recent[-1].patience_left is not None:
            parts["patience"] = f"patience {self._recent[-1].patience_left}"
        parts["elapsed"] = duration(elapsed)
        if done:
            left = elapsed / done * (run.epochs * run.steps - self._steps_done(run))
            parts["left"] = f"max {duration(left)} left"
        shorter += [("elapsed", ""), ("loss", "")]
        return status_line(parts, shorter, self._console.width)

    def _steps_done(self, run: RunStarted) -> int:
        return (self._step.epoch - 1) * run.steps + self._step.step
