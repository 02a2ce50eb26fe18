"""The score that a search optimizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import FiniteFloat, model_validator

from dlrun.experiment import score_names
from dlrun.nn.metrics.base import Metric
from dlrun.spec.component import Component


class Objective(Component):
    """A score of the training or validation set, or a cost, to maximize or minimize."""

    maximize: str | None = None
    """Score to maximize, such as ``validation.accuracy``."""
    minimize: str | None = None
    """Score to minimize, such as ``validation.loss``; or a cost: ``cost.parameters``,
    ``cost.multiply_adds`` (per sample, forward), ``cost.training`` (all epochs, forward)."""
    reference: FiniteFloat | None = None
    """With several objectives, a value that is just not good enough: better ones count for the
    hypervolume. Default: a tenth of the Pareto front's range worse than its worst trial."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Objective:
        if self.maximize is not None and self.minimize is not None:
            raise ValueError(
                "an objective has either 'maximize' or 'minimize'; for both, write two items in a "
                "list 'objectives'"
            )
        if self.maximize is None and self.minimize is None:
            raise ValueError("an objective needs either 'maximize' or 'minimize'")
        return self

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """For the name of a score alone: the score, with the usual direction."""
        if field or not isinstance(value, str):
            return ""
        score = score_names.usual(value)
        metric = score.partition(".")[2]
        assert Metric.family is not None
        rises = metric in Metric.family and Metric.family[metric].better == "max"
        return f"write {{{'maximize' if rises else 'minimize'}: {score}}}"

    @property
    def score(self) -> str:
        """The name of the score."""
        return self.maximize or self.minimize or ""

    @property
    def sign(self) -> float:
        """Factor that makes lower scores better: -1 for ``maximize``."""
        return 1.0 if self.maximize is None else -1.0

    @property
    def way(self) -> str:
        """The key: ``maximize`` or ``minimize``."""
        return "minimize" if self.maximize is None else "maximize"

    def of(self, scores: Mapping[str, float | None]) -> float | None:
        """The score; None if it is missing or not finite."""
        value = scores.get(self.score)
        return value if value is not None and math.isfinite(value) else None
