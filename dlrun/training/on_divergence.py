"""What a run does when it diverges: a section of the spec."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from dlrun.spec.component import Component


class OnDivergence(Component):
    """Go back to earlier weights and train on with smaller steps, instead of ending the run."""

    restore: Literal["best", "first"] = "best"
    """The weights to go back to: those of the best epoch (of the start before there is one), or
    those of the start; the optimizer's state goes back with them."""
    lr_factor: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    """What the learning rate is multiplied by, each time."""
    attempts: PositiveInt = 3
    """How often; the next divergence ends the run."""
