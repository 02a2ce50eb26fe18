"""A sweep: what a search's file says, typed and frozen."""

from __future__ import annotations

from typing import Any

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from dlrun.search.pruners.base import Pruner
from dlrun.search.samplers.base import Sampler
from dlrun.spec.component import Component
from dlrun.spec.fields import Duration, Name
from dlrun.spec.origin import Origin
from dlrun.study.sweep.objective import Objective
from dlrun.training.experiment import Seed


class Sweep(Component):
    """A search: the same spec, trained with other values of some of its keys."""

    name: Name
    """What the study's directory is called."""
    spec: str | dict[str, Any]
    """The experiment: the path of its file, from the folder of this one, or the spec itself."""
    search: Sampler
    """What to try, one after another."""
    objective: Objective | None = None
    """Which score tells the better of two trials."""
    objectives: tuple[Objective, ...] = ()
    """Two or three of them instead, of which none alone decides."""
    space: dict[str, Any] = Field(min_length=1)
    """A dimension by key of the spec, as ``optimizer.adam.lr``; a bare list is a choice."""
    constraints: tuple[str, ...] = ()
    """Comparisons between keys of the space that every trial has to make true."""
    from_: str | tuple[str, ...] = ()
    """Directories of earlier studies, from the folder of this file. Their trials count as trials of
    this one, from which ``bayes`` learns and which nobody tries again, where this sweep could have
    had them: the same spec on the same data, with values that the space has. Those that were pruned
    may be tried again. Of a study without such trials the best 4 are tried first. They are read
    when the study begins."""
    repeats: PositiveInt = 1
    """Runs of each trial, with seeds that count up from that of the spec."""
    racing: bool = False
    """Whether, after the second seed, only trials are repeated that may still be the best, by their
    differences to the best so far, paired by seed. The best is lost in at most 5 % of studies."""
    prune: Pruner | None = None
    """When to end a trial before its last epoch."""
    retries: NonNegativeInt = 1
    """How often a run is tried again whose process crashed or came to no end."""
    trial_timeout: Duration | None = None
    """The time after which a run that has not ended is taken to hang, as 45m."""
    seed: Seed = 0
    """What the search draws follows from it."""
    claims: tuple[dict[str, Any], ...] = ()
    """What the study is to show: a name each, and which values are better than which."""

    @model_validator(mode="after")
    def _one_or_more(self) -> Sweep:
        if (self.objective is None) == (not self.objectives):
            raise ValueError("a sweep has 'objective' or 'objectives'")
        if self.objectives and len(self.objectives) not in (2, 3):
            raise ValueError("'objectives' are two or three; a single one is 'objective'")
        return self

    @property
    def earlier(self) -> tuple[str, ...]:
        """The studies of ``from``."""
        named: str | tuple[str, ...] = getattr(self, "from")
        return (named,) if isinstance(named, str) else named

    def place_of_earlier(self, number: int) -> Origin:
        """Where the sweep names a study of ``earlier``."""
        one = isinstance(getattr(self, "from"), str)
        return self.place_of("from" if one else f"from.{number}")

    @property
    def goals(self) -> tuple[Objective, ...]:
        """The objective, or all of them."""
        return self.objectives if self.objective is None else (self.objective,)

    @property
    def goal(self) -> Objective:
        """The first of them: the one that runs report while they train."""
        return self.goals[0]
