"""A sweep, the content of a search's file, typed and frozen."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from dlrun.experiment.experiment import Seed
from dlrun.search.pruners.base import Pruner
from dlrun.search.samplers.base import Sampler
from dlrun.spec.component import Component
from dlrun.spec.fields import Duration, Name
from dlrun.spec.origin import Origin
from dlrun.study.sweep.limits import Budget, Until
from dlrun.study.sweep.objective import Objective


class Sweep(Component):
    """A hyperparameter search: one spec, trained with different values of some of its keys."""

    other_file: ClassVar = (
        frozenset({"data", "model"}),
        "this is the spec of one training, not a sweep; use dlrun train, or write a sweep with "
        "'spec', 'search', 'objective' and 'space'",
    )

    name: Name
    """Name of the study and of its directory: at most 100 letters, digits, ``.``, ``_`` and
    ``-``."""
    spec: str | dict[str, Any]
    """The experiment: a path, relative to the folder of this file, or the spec itself."""
    search: Sampler
    """Sampler, which chooses the values to try."""
    objective: Objective | None = None
    """Score to maximize or minimize."""
    objectives: tuple[Objective, ...] = ()
    """Two or three objectives instead of one (multi-objective search). Pruners compare trials by
    non-dominated sorting."""
    space: dict[str, Any] = Field(min_length=1)
    """Search space: keys of the spec, such as ``optimizer.adam.lr``, with their dimensions. A list
    is a choice."""
    constraints: tuple[str, ...] = ()
    """Comparisons between keys of the space that every trial must satisfy."""
    limits: tuple[str, ...] = ()
    """Comparisons of costs and scores, such as ``cost.parameters <= 1e5``, that a trial must meet
    to be the best. Those of costs alone are decided before the training, which is then skipped;
    such trials come on top of ``trials``."""
    first: tuple[dict[str, Any], ...] = ()
    """Values to try first, in this order: one mapping of keys of the space for each trial. The
    sampler draws the values of keys that a point does not name."""
    from_: str | tuple[str, ...] = ()
    """Directories of prior studies, relative to the folder of this file. A prior trial is reused if
    its full spec is also possible in this search space and the data is the same: ``bayes`` learns
    from it, and no sampler repeats it, unless it was pruned. If a study has no reusable trial, its
    four best settings are tried first. Prior studies are read when the study begins."""
    repeats: PositiveInt = 1
    """Runs of each trial, with the seed of the spec and the following ones."""
    looks: Annotated[int, Field(ge=2)] | tuple[PositiveInt, ...] | None = None
    """Number of times that the claims are tested while the seeds are trained, or a list of numbers
    of seeds after which they are. The study ends once each claim holds or would hardly hold with
    the remaining seeds. The error of a claim is that of a single test (group-sequential
    t-test)."""
    racing: bool = False
    """After the second seed, repeat only trials that may still be the best, by a paired test over
    seeds against the best so far. The best trial is lost in at most 5 % of studies. With several
    objectives, it is repeated while it may be on the Pareto front."""
    prune: Pruner | None = None
    """Pruner, which ends bad trials early."""
    retries: NonNegativeInt = 1
    """How often a run is started again after its process crashed or timed out."""
    trial_timeout: Duration | None = None
    """Time limit for one run, e.g. 45m; after it the run is restarted or fails."""
    seed: Seed = 0
    """Random seed of the sampler."""
    budget: Budget | None = None
    """Limits of the whole study, instead of a number of trials."""
    until: Until | None = None
    """Rules that end the study before all trials are made."""
    fail_fast: bool = False
    """End the study after the first trial that fails; runs in progress are trained to their end."""
    claims: tuple[dict[str, Any], ...] = ()
    """Claims to test: a name each, and which values are better than which (paired t-test over
    seeds)."""

    @model_validator(mode="after")
    def _one_or_more(self) -> Sweep:
        if (self.objective is None) == (not self.objectives):
            raise ValueError("a sweep needs either 'objective' or 'objectives'")
        if self.objectives and len(self.objectives) not in (2, 3):
            raise ValueError("'objectives' must be two or three; for one, use 'objective'")
        return self

    @property
    def prior_studies(self) -> tuple[str, ...]:
        """The studies of ``from``."""
        named: str | tuple[str, ...] = getattr(self, "from")
        return (named,) if isinstance(named, str) else named

    def place_of_prior_study(self, number: int) -> Origin:
        """Where the sweep names a study of ``prior_studies``."""
        one = isinstance(getattr(self, "from"), str)
        return self.place_of("from" if one else f"from.{number}")

    @property
    def trials(self) -> int | None:
        """Number of trials that the search or the budget asks for; None without such a number."""
        if self.budget is not None and self.budget.trials is not None:
            return self.budget.trials
        trials: int | None = getattr(self.search, "trials", None)
        return trials

    @property
    def decides_by_seed(self) -> bool:
        """Whether it depends on the runs of some seeds whether others are trained."""
        return self.racing or self.looks is not None

    @property
    def schedule(self) -> tuple[int, ...]:
        """Numbers of seeds after which the claims are tested; the last one is all of them."""
        if isinstance(self.looks, int):
            return tuple(-(-self.repeats * k // self.looks) for k in range(1, self.looks + 1))
        looks = self.looks or ()
        return looks if looks[-1:] == (self.repeats,) else (*looks, self.repeats)

    @property
    def goals(self) -> tuple[Objective, ...]:
        """The objective, or all of them."""
        return self.objectives if self.objective is None else (self.objective,)

    @property
    def goal(self) -> Objective:
        """The first objective: the one that runs report while they train."""
        return self.goals[0]
