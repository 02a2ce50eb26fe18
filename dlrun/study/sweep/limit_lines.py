"""The limits and rules of a sweep, in words."""

from __future__ import annotations

from dlrun.quantities import count, duration
from dlrun.spec.flow import show
from dlrun.study.sweep.sweep import Sweep


def limits(sweep: Sweep) -> list[str]:
    """One line for each limit or rule that may end a study before all trials of its search."""
    budget, until, lines = sweep.budget, sweep.until, list[str]()
    if budget is not None:
        parts = [] if budget.time is None else [duration(budget.time)]
        parts += [] if budget.epochs is None else [count(budget.epochs, "epoch")]
        parts += [] if budget.trials is None else [count(budget.trials, "trial")]
        lines.append(f"budget  {', '.join(parts)}")
    if until is not None:
        parts = [] if until.score is None else [f"{sweep.goal.score} {show(until.score)}"]
        parts += (
            []
            if until.patience is None
            else [f"{count(until.patience, 'trial')} without improvement"]
        )
        parts += [] if until.regret is None else [f"regret {show(until.regret)}"]
        lines.append(f"until  {', or '.join(parts)}")
    if sweep.looks is not None:
        *before, last = map(str, sweep.schedule)
        seeds = f"{', '.join(before)} and {last} seeds"
        lines.append(f"looks  at the claims after {seeds}, until all are decided")
    if sweep.fail_fast:
        lines.append("until  the first failed trial")
    return lines
