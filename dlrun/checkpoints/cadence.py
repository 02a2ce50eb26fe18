"""When the next checkpoint is due."""

from __future__ import annotations

import time

from dlrun.experiment.checkpointing import Checkpointing
from dlrun.training.events import EpochEnded, Event, StepEnded


class Cadence:
    """Decides after which events to save a checkpoint.

    Args:
        rules: of the spec.
    """

    def __init__(self, rules: Checkpointing) -> None:
        self._every, self._share = rules.every, rules.share
        self._steps = 0
        self._last = time.monotonic()
        self._cost = _FIRST_COST

    def __call__(self, event: Event) -> bool:
        """Whether to save one now; called with every event, in order."""
        if isinstance(event, StepEnded):
            self._steps += 1
        return self._scheduled(event) and self._affordable()

    def took(self, seconds: float) -> None:
        """Note that a checkpoint was saved, and the seconds that it took."""
        self._steps, self._last, self._cost = 0, time.monotonic(), seconds

    def _scheduled(self, event: Event) -> bool:
        every = self._every
        if every.epochs is not None:
            return isinstance(event, EpochEnded) and event.epoch % every.epochs == 0
        if not isinstance(event, StepEnded):
            return False
        if every.steps is not None:
            return self._steps >= every.steps
        assert every.minutes is not None
        return time.monotonic() - self._last >= 60 * every.minutes

    def _affordable(self) -> bool:
        if self._share == 1:
            return True
        return time.monotonic() - self._last >= self._cost / self._share


_FIRST_COST = 0.05
"""Assumed duration of the first checkpoint, in seconds."""
