"""When checkpoints are written: a section of the spec, and the clock that asks it."""

from __future__ import annotations

import time
from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from dlrun.spec.component import Component
from dlrun.spec.fields import Positive
from dlrun.training.events import EpochEnded, Event, StepEnded


class Every(Component):
    """How often; one of the three."""

    epochs: PositiveInt | None = None
    """Behind so many epochs."""
    steps: PositiveInt | None = None
    """Behind so many steps, also within an epoch."""
    minutes: Positive | None = None
    """Behind the first step after so many minutes."""

    @model_validator(mode="after")
    def _one_is_given(self) -> Every:
        if sum(each is not None for each in (self.epochs, self.steps, self.minutes)) != 1:
            raise ValueError("every needs one of 'epochs', 'steps' and 'minutes'")
        return self


class Checkpointing(Component):
    """When training is stored, to go on from there; at its end it always is."""

    every: Every = Every(epochs=1)
    """How often."""
    share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.02
    """Of the time, what writing may take: a checkpoint that comes too soon is left out, so epochs
    of milliseconds do not wait for the disk.  1 leaves none out."""


class Cadence:
    """Says behind which events a checkpoint is due.

    Args:
        rules: what the spec says.
    """

    def __init__(self, rules: Checkpointing) -> None:
        self._every, self._share = rules.every, rules.share
        self._steps = 0
        self._last = time.monotonic()
        self._cost = _FIRST_COST

    def __call__(self, event: Event) -> bool:
        """Whether one is due now; called with every event, in order."""
        if isinstance(event, StepEnded):
            self._steps += 1
        return self._wanted(event) and self._affordable()

    def took(self, seconds: float) -> None:
        """A checkpoint is written, which took so long."""
        self._steps, self._last, self._cost = 0, time.monotonic(), seconds

    def _wanted(self, event: Event) -> bool:
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
"""Seconds that the first checkpoint is taken to need."""
