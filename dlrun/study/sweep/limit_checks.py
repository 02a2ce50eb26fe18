"""Whether the limits and rules of a sweep fit its other keys."""

from __future__ import annotations

from dlrun.quantities import count
from dlrun.spec.problems import Problems
from dlrun.study.sweep.sweep import Sweep

MOST_TRIALS = 100_000
"""A larger number is a typing error, and would fill the memory before the first trial starts."""


def check_limits(sweep: Sweep, problems: Problems) -> None:
    """Check the keys ``budget`` and ``until`` against the sampler and the objectives.

    Args:
        sweep: the typed sweep.
        problems: gets the errors.
    """
    budget, until, search = sweep.budget, sweep.until, sweep.search
    if budget is not None and budget.trials is not None:
        place = budget.place_of("trials")
        if getattr(search, "trials", None) is not None:
            what = f"'{search.kind}' has 'trials', too"
            problems.add(place, what, "remove one of the two")
        if budget.trials > MOST_TRIALS:
            problems.add(place, f"a study has at most {MOST_TRIALS:,} trials", "lower 'trials'")
    if until is None:
        return
    if sweep.objectives:
        what = f"'until' needs a single objective, got {len(sweep.objectives)}"
        problems.add(until.origin, what, "remove 'until', or set one 'objective'")
    if until.regret is not None and not search.models:
        what = f"search '{search.kind}' has no model of the objective that could predict it"
        problems.add(until.place_of("regret"), what, "use bayes, or 'patience'")


def check_epochs(sweep: Sweep, epochs: int, varied: bool, problems: Problems) -> None:
    """Check that a study can train its first trial.

    Args:
        sweep: the typed sweep.
        epochs: of the shortest trial, if it is not pruned.
        varied: whether others may have more.
        problems: gets the error.
    """
    budget, prune = sweep.budget, sweep.prune
    if budget is None or budget.epochs is None:
        return
    rungs = () if prune is None else prune.stages(epochs)
    together = 1 if sweep.decides_by_seed else sweep.repeats
    needed = together * min([*rungs, epochs])
    if needed > budget.epochs:
        runs = "" if together == 1 else f" in {count(together, 'run')}"
        which = "each trial needs at least" if varied else "the first trial needs"
        what = f"{which} {count(needed, 'epoch')}{runs}, got {budget.epochs:,}"
        problems.add(budget.place_of("epochs"), what, "raise 'epochs'")
