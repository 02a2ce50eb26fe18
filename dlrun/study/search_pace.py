"""How long a sampler takes to suggest trials, measured on made-up results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.rng import Stream, generator
from dlrun.search.features import Features
from dlrun.search.pruners.base import PromotingPruner, StoppingPruner
from dlrun.search.samplers.base import FEW, novel
from dlrun.search.samplers.model_based import ModelBased
from dlrun.search.samplers.random import draws
from dlrun.search.suggestion import Completed
from dlrun.study.sweep.plan import SweepPlan

_TRIALS = 150
"""Number of trials after which a model has its full cost."""
_MEASURED = (0.25, 0.5, 1.0)
"""Numbers of trials at which the time is measured, as fractions of the largest."""
_ASKED = 4
"""Suggestions that are measured at most; more of a large batch would tell nothing new."""
_BEST, _NOISE = 0.3, 0.1
"""The made-up results: squared distance to this position, and standard deviation of the noise."""


@dataclass(frozen=True, slots=True)
class SearchPace:
    """The seconds during which workers wait for the sampler.

    Attributes:
        trials: numbers of trials that the sampler knew, increasing.
        seconds: per new trial, at each of them.
    """

    trials: Sequence[int] = (0,)
    seconds: Sequence[float] = (0.0,)

    def between(self, first: float, last: float) -> float:
        """Seconds in which the trials from ``first`` up to ``last`` are suggested."""
        at = np.linspace(first, last, 100)
        return float(np.interp(at, self.trials, self.seconds).mean() * (last - first))


def search_pace(plan: SweepPlan, workers: int) -> SearchPace:
    """Measure the sampler of a study; samplers without a model take no time.

    Args:
        plan: of the study.
        workers: number of processes that train at the same time.
    """
    if not isinstance(plan.sampler, ModelBased):
        return SearchPace()
    most = min(_TRIALS, plan.trials or _TRIALS)
    sizes = sorted({max(1, round(most * part)) for part in _MEASURED})
    _suggested(plan, sizes[0])  # imports what the model needs
    # A pruner that does not wait for other trials asks when one worker is free.
    waiting = workers if isinstance(plan.sweep.prune, PromotingPruner | StoppingPruner) else 1
    return SearchPace(sizes, [_suggested(plan, size) / waiting for size in sizes])


def _suggested(plan: SweepPlan, size: int) -> float:
    """Seconds per suggestion after so many trials."""
    space, seed = plan.space, plan.sweep.seed
    random = generator(seed, Stream.SAMPLER, size, 5)
    suggestions = novel(space, draws(random, len(space.keys)), set(), size, random, FEW)
    _, columns = Features(space).of(suggestions)
    values = ((columns - _BEST) ** 2).sum(axis=1) + _NOISE * random.normal(size=len(suggestions))
    history = [
        Completed(number, each, float(value))
        for number, (each, value) in enumerate(zip(suggestions, values, strict=True))
    ]
    # With several objectives, every trial has a model of its own.
    count = 1 if len(plan.sweep.goals) > 1 else min(plan.batch or 1, _ASKED)
    start = time.perf_counter()
    plan.sampler.suggest(space, history, [], count, seed)
    return (time.perf_counter() - start) / count
