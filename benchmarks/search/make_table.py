"""Train every setting of the tables: ``python -m benchmarks.search.make_table [NAME ...]``.

Each sweep of ``tables/NAME.yaml`` is trained in this process, and its learning curves are written
to ``tables/NAME.npz.xz``. All of them take about ten minutes on one processor.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.search import tables
from dlrun.experiment.compile import Compiled
from dlrun.study.sweep.compile import read_plan
from dlrun.training.events import EpochEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop


def main() -> None:
    """Train, and write."""
    for name in sys.argv[1:] or sorted(path.stem for path in tables.FOLDER.glob("*.yaml")):
        print(tables.write(name, train(name)))


def train(name: str) -> NDArray[np.float32]:
    """Validation loss of all trainings of a sweep, (repeats, settings, epochs)."""
    plan, start = read_plan(tables.sweep_of(name)), time.perf_counter()
    settings = list(plan.space.grid(0))
    curves = np.full((plan.sweep.repeats, len(settings), plan.epochs), np.nan, np.float32)
    for row, setting in enumerate(settings):
        for repeat in range(plan.sweep.repeats):
            found = _curve(plan.compile(dict(setting), repeat))
            curves[repeat, row, : len(found)] = found
        if row % 20 == 19:
            seconds = time.perf_counter() - start
            print(f"{name} {row + 1}/{len(settings)} {seconds:.0f} s", file=sys.stderr)
    return curves


def _curve(compiled: Compiled) -> list[float]:
    """By epoch, as long as the training does not diverge."""
    return [
        event.row["validation.loss"]
        for event in Session(compiled).run(Stop())
        if isinstance(event, EpochEnded)
    ]


if __name__ == "__main__":
    main()
