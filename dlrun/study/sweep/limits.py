"""When a study ends: limits of what it may use, and rules about its results."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import FiniteFloat, PositiveInt, model_validator

from dlrun.spec.component import Component
from dlrun.spec.fields import Duration, Positive


class Budget(Component):
    """Limits of a study; the first one that is reached ends it; ``4h`` alone is its time.

    A run starts only if its epochs fit into what is left, so ``epochs`` and ``trials`` end a study
    after the same run for any number of workers.
    """

    short: ClassVar = True
    common_keys: ClassVar = True

    time: Duration | None = None
    """Wall time of all sessions of the study, e.g. 4h. A run that would probably not end in time is
    not started; runs that are in progress at the end are saved, and resume if the time is
    raised."""
    epochs: PositiveInt | None = None
    """Epochs of all runs together."""
    trials: PositiveInt | None = None
    """Number of trials, for any sampler; instead of ``trials`` of the sampler."""

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """For a number alone: the limits that may be meant."""
        if field or isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        if isinstance(value, float):
            return f"write the unit: {value:g}s, {value:g}m or {value:g}h"
        return f"write {{trials: {value}}} or {{epochs: {value}}}"

    @model_validator(mode="after")
    def _any(self) -> Budget:
        if self.time is None and self.epochs is None and self.trials is None:
            raise ValueError("a budget needs 'time', 'epochs' or 'trials'")
        return self


class Until(Component):
    """Rules that end a study early; the first one that is met ends it.

    They are checked before each batch of trials, from the results of all trials before it.
    """

    score: FiniteFloat | None = None
    """The objective of a completed trial is at least as good as this."""
    patience: PositiveInt | None = None
    """So many trials in a row, by number, were not better than the best one before them."""
    regret: Positive | None = None
    """The best trial is probably at most this much worse than the best possible one, by the model
    of ``bayes``; not checked before ten trials per key of the space."""

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """For a number alone: the rules that may be meant."""
        if field or isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        if isinstance(value, int):
            return f"write {{patience: {value}}}, in trials, or {{score: {value}}}"
        return f"write {{score: {value}}} or {{regret: {value}}}"

    @model_validator(mode="after")
    def _any(self) -> Until:
        if self.score is None and self.patience is None and self.regret is None:
            raise ValueError("'until' needs 'score', 'patience' or 'regret'")
        return self
