"""What a run does when it diverges: a section of the spec."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from dlrun.spec.component import Component


class OnDivergence(Component):
    """After a NaN or infinite value, restore earlier weights and lower the learning rate."""

    restore: Literal["best", "first"] = "best"
    """Weights to restore, with the optimizer's state: ``best``: of the best epoch, or the initial
    ones before there is one; ``first``: the initial weights."""
    lr_factor: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    """Factor for the learning rate after each restart."""
    attempts: PositiveInt = 3
    """Maximum number of restarts; the next divergence ends the run."""
