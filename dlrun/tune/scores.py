"""What a run directory says of the scores of its run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dlrun.runs.directory import RunDirectory
from dlrun.tune.objective import Objective


def scores_of(run: RunDirectory, result: Mapping[str, Any]) -> dict[str, float | None]:
    """The scores of the weights that were kept, of the training part too.

    Args:
        run: that has ended.
        result: what its ``result.json`` says.

    Raises:
        DataError: its metrics are missing or broken.
    """
    epoch = result["best_epoch"] if result["weights"] == "best" else result["epochs"]
    found: dict[str, float | None] = {}
    if epoch:
        columns = run.metrics().items()
        found = {name: each[epoch - 1] for name, each in columns if name.startswith("train.")}
    found.update(result["metrics"])
    return found


def priced(goals: Iterable[Objective], costs: Mapping[str, float]) -> dict[str, float | None]:
    """The costs that are objectives."""
    return {goal.score: costs[goal.score] for goal in goals if goal.score in costs}
