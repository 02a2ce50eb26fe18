"""Every component of a sweep; whoever reads one imports this first."""

from __future__ import annotations

from dlrun.tune.dimension import Dimension
from dlrun.tune.dimensions import choice, fixed, integer, log_uniform, uniform
from dlrun.tune.pruner import Pruner
from dlrun.tune.pruners import halving
from dlrun.tune.sampler import Sampler
from dlrun.tune.samplers import bayes, grid, random, sobol

FAMILIES = (Sampler, Dimension, Pruner)
"""The families, in the order of a sweep."""

MODULES = (
    *(grid, random, sobol, bayes),
    *(choice, fixed, integer, log_uniform, uniform),
    halving,
)
"""Where the components are: importing a module registers its own."""
