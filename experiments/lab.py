"""What all experiments need: studies and trainings in a folder for work, figures, findings."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from matplotlib.figure import Figure

import dlrun
from dlrun.variables import threads

T = TypeVar("T")

Overrides = Mapping[str, Any]

_SEEDS = range(200, 230)
"""Seeds that decide: enough to show 0.8 standard deviations, the difference that many claims had
with ten earlier seeds, in one of ten claims with a probability of 80 %."""
_QUICK_SEEDS = range(2100, 2102)
PLANNED = "their number was planned with ten other ones"
"""What methods say of these seeds."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A training of a study.

    Attributes:
        settings: values of the trial by key of the spec.
        seed: number of the repeat, from 0.
        scores: final scores by name, such as ``test.accuracy``, of the weights that were kept.
        epochs: epochs that were trained.
        path: the run directory; None if the training failed before it had one.
        failed: why the training failed, such as a divergence; empty if it did not.
    """

    settings: Mapping[str, Any]
    seed: int
    scores: Mapping[str, float]
    epochs: int
    path: Path | None
    failed: str

    @property
    def curves(self) -> Mapping[str, Sequence[float]]:
        """Values by epoch of each column of metrics.csv."""
        if self.path is None:
            return {}
        return dlrun.Run(self.path).metrics


class Lab:
    """The place where an experiment works.

    Args:
        folder: the experiment's folder, with its sweeps.
        work: the folder for studies, runs and other files that are not kept.
        results: the folder for findings and pictures.
        quick: whether to show only that everything works, with few seeds and epochs.
        jobs: trainings at the same time; None is as many as there are threads.
    """

    def __init__(
        self, folder: Path, work: Path, results: Path, *, quick: bool, jobs: int | None
    ) -> None:
        self.folder, self.work, self.results = folder, work, results
        self.quick, self._jobs = quick, jobs

    def pick(self, whole: T, quick: T) -> T:
        """The first value, or in a quick run the second one."""
        return quick if self.quick else whole

    @property
    def seeds(self) -> range:
        """The seeds that decide; only the whole experiment sees them."""
        return self.pick(_SEEDS, _QUICK_SEEDS)

    @property
    def jobs(self) -> int:
        """How many trainings run at the same time."""
        return self._jobs or threads()

    def tune(
        self, sweep: str | Mapping[str, Any], overrides: Overrides | None = None
    ) -> dlrun.Study:
        """Run a sweep: the name of a file in the experiment's folder, or the sweep itself.

        A study of the same sweep that was finished before is used again.
        """
        given = self.folder / sweep if isinstance(sweep, str) else sweep
        return dlrun.tune(
            given, dict(overrides or {}), jobs=self._jobs, studies=self.work / "studies"
        )

    def trained(self, study: dlrun.Study) -> list[Trained]:
        """All trainings of a study, by trial and seed."""
        found = []
        for trial in study.trials:
            for seed, run in enumerate(trial.runs):
                path = study.path / "trials" / run.directory if run.directory else None
                failed = trial.reason if run.status == "failed" else ""
                scores = {} if failed or path is None else dlrun.Run(path).result["metrics"]
                found.append(
                    Trained(dict(trial.suggestion), seed, scores, run.epochs, path, failed)
                )
        return found

    def findings(self, title: str, *, question: str, method: str, limits: str) -> dlrun.Findings:
        """An empty list of findings with the command and the versions of this run."""
        return dlrun.Findings(
            title,
            question=question,
            method=method,
            limits=limits,
            command=f"python -m experiments {self.folder.name}{' --quick' * self.quick}",
            environment=environment(),
        )

    def save(self, figure: Figure, file: str) -> str:
        """Write a figure as a PNG file next to the findings and return its name."""
        self.results.mkdir(parents=True, exist_ok=True)
        figure.savefig(self.results / file, dpi=110, metadata={"Software": None})
        return file


def environment() -> dict[str, str]:
    """What bits and times depend on: versions, processors, and kernels other than the default."""
    names = ("dlrun", "numpy", "numba")
    return {
        **{name: version(name) for name in names},
        "Python": platform.python_version(),
        "processors": str(len(os.sched_getaffinity(0))),
        **({"kernels": kernels} if (kernels := os.environ.get("DLRUN_KERNELS")) else {}),
    }
