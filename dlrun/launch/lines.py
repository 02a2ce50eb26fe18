"""A run's events as lines of plain text: for log.txt, for pipes, and around the live display."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from dlrun.printable import printable
from dlrun.quantities import count, duration, number, rate
from dlrun.training.events import EpochEnded, Event, Restarted, RunEnded, RunStarted


class Lines:
    """Call it with each event of a run, in order; it returns the lines to print.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._epochs = 0
        self._monitor = ""
        self._best = math.nan

    def __call__(self, event: Event) -> list[str]:
        """Lines for the event, safe to print; none for a step."""
        return [printable(line) for line in self._of(event)]

    def _of(self, event: Event) -> list[str]:
        match event:
            case RunStarted():
                return self._started(event)
            case EpochEnded():
                return [self._epoch(event)]
            case Restarted():
                return [self._restarted(event)]
            case RunEnded():
                return self._ended(event)
            case _:
                return []

    def _started(self, event: RunStarted) -> list[str]:
        self._epochs, self._monitor = event.epochs, event.monitor
        samples = ", ".join(f"{part} {count:,}" for part, count in event.samples.items())
        patience = "" if event.patience is None else f"  patience {event.patience}"
        about = f"  {count(event.parameters, 'parameter')}  samples: {samples}" if samples else ""
        steps = f" of {count(event.steps, 'step')}" if event.steps else ""
        return [
            f"{event.name}{about}",
            f"{count(event.epochs, 'epoch')}{steps}  best by {event.monitor}{patience}",
            *_resuming(event),
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

    def _restarted(self, event: Restarted) -> str:
        where = f"epoch {event.epoch}" if event.epoch else "the initial weights"
        return (
            f"diverged: {event.reason}; restarting from {where} with {event.lr_factor:g} times the "
            f"learning rate, attempt {event.attempt} of {event.attempts}"
        )

    def _ended(self, event: RunEnded) -> list[str]:
        restarts = _restarts(event)
        lines = [
            f"{event.status} after {count(event.epochs, 'epoch')} and {duration(event.seconds)}"
            f"{restarts}: {event.reason}"
        ]
        if event.best_epoch:
            lines.append(f"best epoch {event.best_epoch}  {self._monitor} {number(self._best)}")
        if event.metrics:
            lines.append(f"final  {scores(event.metrics)}")
        lines.append(f"run directory  {self._directory}")
        if event.status == "stopped":
            lines.append(f"resume with: dlrun resume {self._directory}")
        return lines


def _restarts(event: RunEnded) -> str:
    """That training has diverged and was restarted, how often and from where."""
    if not event.restarts:
        return ""
    places = dict.fromkeys(
        f"epoch {each.epoch}" if each.epoch else "the initial weights" for each in event.restarts
    )
    return (
        f", with {count(len(event.restarts), 'restart')} after divergence (from "
        f"{', '.join(places)}; {event.restarts[-1].lr_factor:g} times the learning rate)"
    )


def _resuming(event: RunStarted) -> list[str]:
    """Where a resumed training continues; nothing for one that starts."""
    if not event.epoch and not event.step:
        return []
    places = [f"epoch {event.epoch}"] if event.epoch else []
    places += [f"step {event.step}"] if event.step else []
    return [f"resuming after {', '.join(places)}"]


def scores(row: Mapping[str, float]) -> str:
    """The metrics of a row, ``train.loss 0.1234  ...``: the keys with a dot."""
    return "  ".join(f"{key} {number(value)}" for key, value in row.items() if "." in key)
