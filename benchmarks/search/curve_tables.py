"""Tables of learning curves: a sweep of type grid, and the objective of its runs after each epoch.

A table is a sweep, NAME.yaml in the folder ``curves``, and NAME.npz, which ``make_curves`` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.search.suggestion import identity
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.plan import SweepPlan
from experiments.tuning import table as tuning

FOLDER = Path(__file__).parent / "curves"
_TUNING = Path(tuning.__file__).parent


@dataclass(frozen=True)
class CurveTable:
    """All runs of a grid.

    Attributes:
        name: what tables call it.
        sweep: its file.
        curves: the objective, (seeds, settings, epochs), the settings in the order of the grid; NaN
            after an epoch in which a run failed.
    """

    name: str
    sweep: Path
    curves: Array

    def plan(self, keys: Mapping[str, Any]) -> SweepPlan:
        """The sweep with one repeat and some of its keys changed."""
        return read_plan(self.sweep, {"repeats": 1, **keys})

    @cached_property
    def _grid(self) -> SweepPlan:
        return read_plan(self.sweep)

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        grid = self._grid.space.grid(1)
        return {identity(suggestion): row for row, suggestion in enumerate(grid)}

    def row(self, suggestion: Mapping[str, Any]) -> int:
        """The index of a setting."""
        return self._rows[identity(suggestion)]

    @property
    def epochs(self) -> int:
        """Epochs of a whole training."""
        return int(self.curves.shape[2])

    @cached_property
    def regrets(self) -> Array:
        """Distance of each setting's mean final value over all seeds to the best mean, (settings,).

        With the values of one seed alone, the best setting would be the luckiest one. A setting
        that failed with any seed is as bad as the worst of the others.
        """
        means = self._grid.sweep.goal.sign * self.curves[:, :, -1].mean(axis=0)
        found = means - np.nanmin(means)
        return np.asarray(np.where(np.isnan(found), np.nanmax(found), found))


def _read(name: str) -> CurveTable:
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return CurveTable(name, FOLDER / f"{name}.yaml", file["curves"].astype(np.float64))


def _digits_mlp() -> CurveTable:
    sweep = _TUNING / tuning.SWEEP
    return CurveTable("digits-mlp", sweep, tuning.read(_TUNING / "table.npz.xz", sweep).curves)


TABLES: Mapping[str, Callable[[], CurveTable]] = {
    "digits-mlp": _digits_mlp,
    "digits-lstm": lambda: _read("digits-lstm"),
    "diabetes-mlp": lambda: _read("diabetes-mlp"),
}
"""The first one is that of the experiment on tuning, on which settings of pruners were chosen."""
