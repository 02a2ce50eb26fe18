"""The score that a search is about."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pydantic import model_validator

from dlrun.spec.component import Component


class Objective(Component):
    """A score of training or validation, or a cost, and which way is better."""

    maximize: str | None = None
    """The score to make large, as ``validation.accuracy``."""
    minimize: str | None = None
    """The score to make small, as ``validation.loss``; or ``cost.parameters``,
    ``cost.multiply_adds`` of a sample's forward pass, ``cost.training`` of all."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Objective:
        if (self.maximize is None) == (self.minimize is None):
            raise ValueError("an objective is either 'maximize' or 'minimize'")
        return self

    @property
    def score(self) -> str:
        """The name of the score."""
        return self.maximize or self.minimize or ""

    @property
    def sign(self) -> float:
        """What makes less better: -1 for ``maximize``."""
        return 1.0 if self.maximize is None else -1.0

    @property
    def way(self) -> str:
        """The key that says which way is better."""
        return "minimize" if self.maximize is None else "maximize"

    def of(self, scores: Mapping[str, float | None]) -> float | None:
        """The score; None where there is none or it is not finite."""
        value = scores.get(self.score)
        return value if value is not None and math.isfinite(value) else None
