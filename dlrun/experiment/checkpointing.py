"""When checkpoints are written: a section of the spec."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from dlrun.spec.component import Component
from dlrun.spec.fields import Positive


class Every(Component):
    """How often to save a checkpoint; set one of the three."""

    epochs: PositiveInt | None = None
    """After this many epochs."""
    steps: PositiveInt | None = None
    """After this many steps (batches), also within an epoch."""
    minutes: Positive | None = None
    """After the first step that ends this many minutes after the last checkpoint."""

    @model_validator(mode="after")
    def _one_is_given(self) -> Every:
        if sum(each is not None for each in (self.epochs, self.steps, self.minutes)) != 1:
            raise ValueError("every needs one of 'epochs', 'steps' and 'minutes'")
        return self


class Checkpointing(Component):
    """When to save checkpoints, from which training can resume; its end is always saved."""

    every: Every = Every(epochs=1)
    """How often to save a checkpoint."""
    share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.02
    """Maximum fraction of the run time for saving checkpoints; one that would exceed it is skipped,
    so that epochs of milliseconds do not wait for the disk. 1 skips none."""
