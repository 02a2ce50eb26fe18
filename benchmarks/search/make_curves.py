"""Train every setting of a table: ``python -m benchmarks.search.make_curves NAME STUDIES``.

Runs the sweep curves/NAME.yaml in the folder STUDIES, or resumes it, and writes curves/NAME.npz. It
takes about half an hour.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import dlrun
from benchmarks.search.curve_tables import FOLDER
from dlrun.run_directory.directory import RunDirectory
from dlrun.study.sweep.compile import read_plan


def main(name: str, studies: Path) -> None:
    """Train, and write."""
    sweep = FOLDER / f"{name}.yaml"
    study = dlrun.tune(sweep, studies=studies)
    plan = read_plan(sweep)
    curves = np.full((plan.sweep.repeats, len(study.trials), plan.epochs), np.nan)
    for trial in study.trials:
        for repeat, run in enumerate(trial.runs):
            metrics = RunDirectory(study.path / "trials" / run.directory).metrics()
            values = metrics[plan.sweep.goal.score]
            curves[repeat, trial.number, : len(values)] = values
    np.savez_compressed(FOLDER / f"{name}.npz", curves=curves.astype(np.float32))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
