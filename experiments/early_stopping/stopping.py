"""When a training would have been stopped, from the curve of a whole one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlrun.training.monitor import Monitor


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end of a training that patience may stop.

    Attributes:
        epochs: that are trained.
        best: the epoch whose weights are kept, from 1.
    """

    epochs: int
    best: int


def stopped(losses: Sequence[float], patience: int | None) -> Stopped:
    """Stop after so many epochs in a row without a lower loss; None trains all epochs."""
    monitor = Monitor("min", patience)
    for epoch, loss in enumerate(losses, start=1):
        monitor.record(epoch, loss)
        if monitor.exhausted:
            return Stopped(epoch, monitor.best_epoch)
    return Stopped(len(losses), monitor.best_epoch)
