"""Events as lines of plain text: for pipes, for log.txt and, at the end, for the live display."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from dlrun.training.events import EpochEnded, Event, RunEnded, RunStarted


class Lines:
    """Call it with each event of a run, in order; it gives the lines to print.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._epochs = 0
        self._monitor = ""
        self._best = math.nan

    def __call__(self, event: Event) -> list[str]:
        """Lines for the event; none for a step."""
        match event:
            case RunStarted():
                return self._started(event)
            case EpochEnded():
                return [self._epoch(event)]
            case RunEnded():
                return self._ended(event)
            case _:
                return []

    def _started(self, event: RunStarted) -> list[str]:
        self._epochs, self._monitor = event.epochs, event.monitor
        samples = ", ".join(f"{part} {count:,}" for part, count in event.samples.items())
        patience = "" if event.patience is None else f"  patience {event.patience}"
        return [
            f"{event.name}  {count(event.parameters, 'parameter')}  samples: {samples}",
            f"{count(event.epochs, 'epoch')} of {count(event.steps, 'step')}"
            f"  best by {event.monitor}{patience}",
            *_going_on(event),
            f"run directory  {self._directory}",
        ]

    def _epoch(self, event: EpochEnded) -> str:
        self._best = event.best
        total = str(self._epochs)
        row = event.row
        return (
            f"epoch {event.epoch:{len(total)}}/{total}  {scores(row)}  lr {rate(row['lr'])}"
            f"  {duration(row['seconds'])}{'  best' if event.improved else ''}"
        )

    def _ended(self, event: RunEnded) -> list[str]:
        lines = [
            f"{event.status} after {count(event.epochs, 'epoch')} and {duration(event.seconds)}: "
            f"{event.reason}"
        ]
        if event.best_epoch:
            lines.append(f"best epoch {event.best_epoch}  {self._monitor} {number(self._best)}")
        if event.metrics:
            lines.append(f"final  {scores(event.metrics)}")
        lines.append(f"run directory  {self._directory}")
        if event.status == "stopped":
            lines.append(f"it goes on with  dlrun resume {self._directory}")
        return lines


def _going_on(event: RunStarted) -> list[str]:
    """Where a training was left, if it was."""
    if not event.epoch and not event.step:
        return []
    steps = f" and {count(event.step, 'step')}" if event.step else ""
    return [f"goes on behind {count(event.epoch, 'epoch')}{steps}"]


def scores(row: Mapping[str, float]) -> str:
    """The metrics of a row, which are the keys with a dot: ``train.loss 0.1234  ...``."""
    return "  ".join(f"{key} {number(value)}" for key, value in row.items() if "." in key)


def number(value: float) -> str:
    """A loss or metric in at most ten letters."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4f}"
    return f"{value:.3e}"


def rate(value: float) -> str:
    """A learning rate."""
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """A time as 0.8s, 42.0s, 3m05s or 2h07m."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole // 60 % 60:02}m"


def count(n: int, thing: str) -> str:
    """``1 epoch``, ``2 epochs``."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def size(n: int) -> str:
    """Bytes as 512 B, 1.5 KiB, 20 MiB or 3 GiB."""
    if n < 1024:
        return f"{n} B"
    found, unit = n / 2**30, "GiB"
    for power, smaller in ((20, "MiB"), (10, "KiB")):
        if found < 1:
            found, unit = n / 2**power, smaller
    return f"{found:.0f} {unit}" if found >= 100 else f"{found:.3g} {unit}"
