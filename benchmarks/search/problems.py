"""All problems by name: functions at three levels of noise, and tables of trainings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks.search import tables
from benchmarks.search.functions import FUNCTIONS, Function
from benchmarks.search.problem import Noise, Outcome, Problem, space_of
from dlrun.search.space import Space

LEVELS: Mapping[Noise, float] = {"none": 0.0, "low": 0.05, "high": 0.25}
"""Standard deviation of the noise, relative to the function's interquartile range."""
_DRAWN = 4096
"""Points, uniform in the space, whose values have these quartiles."""


def _function(name: str, noise: Noise) -> Problem:
    function = FUNCTIONS[name]
    space = space_of(function.space)
    std = LEVELS[noise] * spread(name) if LEVELS[noise] else 0.0

    def trial(at: Mapping[str, Any], random: np.random.Generator) -> Outcome | None:
        error = std * float(random.normal())
        regret = function.regret(at)
        return None if regret is None else Outcome(regret + error, regret)

    return Problem(_name(name, noise), name, noise, space, trial)


@cache
def spread(name: str) -> float:
    """The difference between the upper and the lower quartile of a function's values."""
    function: Function = FUNCTIONS[name]
    values = [function.regret(at) for at in drawn(space_of(function.space), _DRAWN)]
    low, high = np.quantile([value for value in values if value is not None], [0.25, 0.75])
    return float(high - low)


def drawn(space: Space, count: int) -> list[dict[str, Any]]:
    """Random suggestions, always the same ones."""
    return [space.at(each) for each in np.random.default_rng(0).random((count, len(space.keys)))]


def _table(name: str, noise: Noise) -> Problem:
    """Noise-free, a trial shows the mean loss of all repeats; otherwise that of one of them."""
    table = tables.read(name)
    least = float(np.nanmin(table.means))

    def trial(at: Mapping[str, Any], random: np.random.Generator) -> Outcome | None:
        repeat, row = random.integers(len(table.losses)), table.row(at)
        mean = float(table.means[row])
        seen = mean if noise == "none" else float(table.losses[repeat, row])
        if np.isnan(seen):
            return None
        return Outcome(seen - least, mean - least)

    return Problem(_name(f"table-{name}", noise), f"table-{name}", noise, table.space, trial)


def _name(base: str, noise: Noise) -> str:
    return base if noise == "none" else f"{base}-{noise}"


_NOISES: tuple[Noise, ...] = ("none", "training")

PROBLEMS: Mapping[str, Callable[[], Problem]] = {
    **{
        _name(name, noise): cache(partial(_function, name, noise))
        for name in FUNCTIONS
        for noise in LEVELS
    },
    **{
        _name(f"table-{name}", noise): cache(partial(_table, name, noise))
        for name in tables.NAMES
        for noise in _NOISES
    },
}
"""Each is built when it is called."""
