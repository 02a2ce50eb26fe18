"""Cross-validation: a training for each fold of the data, and what their scores say together.

Stone, "Cross-validatory choice and assessment of statistical predictions", Journal of the Royal
Statistical Society B, 1974.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dlrun import api, catalog
from dlrun.data.section import DataSection
from dlrun.errors import DivergedError, InputError
from dlrun.intervals import UNKNOWN, Estimate, Scale, estimate
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.runs import environment
from dlrun.runs.directory import RunDirectory
from dlrun.runs.ending import Status
from dlrun.spec.document import Document
from dlrun.spec.overrides import Overrides
from dlrun.spec.resolved import dump, to_yaml
from dlrun.study.store.scales import scales
from dlrun.training.compile import Compiled, compile_spec
from dlrun.training.events import RunEnded
from dlrun.training.experiment import Experiment
from dlrun.training.plugins import Allow

_KEY = "data.split.fold"


@dataclass(frozen=True, slots=True)
class Fold:
    """A training that is about to start, one of several."""

    number: int
    of: int
    training: api.Training


@dataclass(frozen=True, slots=True)
class Scored:
    """What the folds say together.

    Attributes:
        status: ``completed`` where all folds are; else how the first that is not has ended.
        reason: why, in a sentence.
        folds: how those ended that were trained, in order.
        scores: by metric the mean over the completed folds, and its 95 % interval.
        seconds: wall time.
    """

    status: Status
    reason: str
    folds: tuple[RunEnded, ...]
    scores: Mapping[str, Estimate]
    seconds: float

    def values(self, metric: str) -> tuple[float | None, ...]:
        """A metric of each fold that was trained; None where it has none."""
        return tuple(fold.metrics.get(metric) for fold in self.folds)

    def as_json(self) -> dict[str, Any]:
        """What result.json holds."""
        return {
            "status": self.status,
            "reason": self.reason,
            "metrics": {name: each.mean for name, each in self.scores.items()},
            "intervals": {
                name: {"low": each.low, "high": each.high, "n": each.n}
                for name, each in self.scores.items()
            },
            "folds": [
                {
                    "directory": f"fold-{number}",
                    "status": fold.status,
                    "best_epoch": fold.best_epoch,
                    "metrics": fold.metrics,
                }
                for number, fold in enumerate(self.folds, start=1)
            ],
            "seconds": self.seconds,
        }


def folds_of(spec: Path, overrides: Overrides = ()) -> int:
    """How many folds a spec asks to train; 0 where it asks for a single training.

    A spec with faults asks for none: whoever goes on to compile it finds all of them.

    Raises:
        SpecError: the file cannot be read, or holds no mapping.
    """
    assert catalog.MODULES
    section = Document.open(spec, Experiment, overrides).field("data")
    if not isinstance(section, DataSection) or section.split.fold is not None:
        return 0
    return section.split.folds or 0


class CrossValidated:
    """A cross-validation that is over, on disk.

    Attributes:
        path: its directory.
        scores: by metric, as ``test.accuracy``, mean and 95 % interval over the folds.
        folds: the run of each fold.
    """

    def __init__(self, path: Path, scored: Scored) -> None:
        self.path, self.scores = path, scored.scores
        numbers = range(1, len(scored.folds) + 1)
        self.folds = tuple(api.Run(path / f"fold-{number}") for number in numbers)

    def __repr__(self) -> str:
        return f"CrossValidated({str(self.path)!r})"


class CrossValidation:
    """The trainings of all folds, in a directory of their own.

    It is ``runs/<name>/<id>`` with spec, environment and result, and a run directory ``fold-1``
    and so on of each training.  It is made once the first fold is ready to be trained.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        folds: how many, as ``folds_of`` says.
        runs: the folder of all runs.
        allow_plugins: whether the Python files that the spec names may run.
    """

    def __init__(
        self,
        spec: Path,
        overrides: Overrides,
        folds: int,
        runs: Path,
        *,
        allow_plugins: Allow = False,
    ) -> None:
        self._allow_plugins = allow_plugins
        self._spec, self._overrides, self._folds, self._runs = spec, overrides, folds, runs
        self._directory: RunDirectory | None = None
        self._ended: list[RunEnded] = []
        self._scales: Mapping[str, Scale] = {}
        self._started = time.perf_counter()

    @property
    def directory(self) -> RunDirectory:
        """Where everything is written; it is there behind the start of the first fold."""
        assert self._directory is not None
        return self._directory

    def __iter__(self) -> Iterator[Fold]:
        """Each fold in turn: train it to its end and finish it before the next is asked for.

        A fold that a signal stops is the last.

        Raises:
            SpecError: the spec or its data has faults.
            DataError: a directory cannot be written.
        """
        return self.trainings(lambda: UNWATCHED)

    def trainings(self, probe: Callable[[], Probe]) -> Iterator[Fold]:
        """The same, each training watched by a probe of its own."""
        for number in range(1, self._folds + 1):
            training = self._begin(number, probe())
            yield Fold(number, self._folds, training)
            assert training.ended is not None
            self._ended.append(training.ended)
            if training.ended.status == "stopped":
                return

    def finish(self) -> Scored:
        """Put the scores together and, last of all, write them.

        Raises:
            DataError: they cannot be written.
        """
        seconds = time.perf_counter() - self._started
        scored = _together(self._ended, self._folds, seconds, self._scales)
        self.directory.finish(scored.as_json())
        return scored

    def _begin(self, number: int, probe: Probe) -> api.Training:
        if isinstance(self._overrides, Mapping):
            overrides: Overrides = {**self._overrides, _KEY: number}
        else:
            overrides = [*self._overrides, f"{_KEY}={number}"]
        compiled = probe.part("setup", compile_spec)(
            self._spec, overrides, allow_plugins=self._allow_plugins
        )
        self._scales = scales(compiled)
        content, folder = self._spec.read_bytes(), self._spec.parent
        if self._directory is None:
            self._directory = RunDirectory.create(self._runs, compiled.experiment.name)
            self._directory.write_spec(content)
            self._directory.write_resolved(to_yaml(dump(_undecided(compiled).anchored(folder))))
        make = partial(RunDirectory.make, self._directory.path / f"fold-{number}")
        return api.begin(compiled, content, folder, make, describe=self._describe, probe=probe)

    def _describe(self, fingerprint: str, threads: int) -> Mapping[str, Any]:
        """What a fold runs on, which is what all run on."""
        found = environment.collect(fingerprint, threads)
        if not self.directory.environment_file.exists():
            self.directory.write_environment(found)
        return found


def _undecided(compiled: Compiled) -> Experiment:
    """The experiment of all folds."""
    experiment = compiled.experiment
    split = experiment.data.split.model_copy(update={"fold": None})
    data = experiment.data.model_copy(update={"split": split})
    return experiment.model_copy(update={"data": data})


def _together(
    ended: list[RunEnded], folds: int, seconds: float, scales: Mapping[str, Scale]
) -> Scored:
    completed = [fold for fold in ended if fold.status == "completed"]
    names = dict.fromkeys(name for fold in completed for name in fold.metrics)
    scores = {
        name: estimate([fold.metrics[name] for fold in completed], of=scales.get(name, UNKNOWN))
        for name in names
    }
    failed = [
        (number, fold) for number, fold in enumerate(ended, start=1) if fold.status != "completed"
    ]
    if failed:
        number, fold = failed[-1] if ended[-1].status == "stopped" else failed[0]
        return Scored(fold.status, f"fold {number}: {fold.reason}", tuple(ended), scores, seconds)
    return Scored("completed", f"all {folds} folds are done", tuple(ended), scores, seconds)


def cross_validate(
    spec: str | Path,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    allow_plugins: bool = False,
) -> CrossValidated:
    """Train every fold of a spec with ``data.split.folds``, without a word on the terminal.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        runs: the folder of all runs.
        allow_plugins: whether the Python files that the spec names may run; without it, only those
            may that the user has trusted before, on the command line.

    Raises:
        SpecError: the spec has faults, or no folds; the message lists all of them.
        DataError: a directory cannot be written.
        DivergedError: a fold diverged; all directories are complete all the same.
    """
    path = Path(spec)
    folds = folds_of(path, overrides)
    if not folds:
        compile_spec(path, overrides, allow_plugins=allow_plugins)  # which is likely to say why
        raise InputError(f"{path}: nothing to cross-validate; set data.split.folds")
    validation = CrossValidation(path, overrides, folds, Path(runs), allow_plugins=allow_plugins)
    for fold in validation:
        with fold.training as training:
            for _ in training.events():
                pass
            training.finish()
    scored = validation.finish()
    if scored.status == "diverged":
        raise DivergedError(f"{validation.directory.path}: {scored.reason}")
    return CrossValidated(validation.directory.path, scored)
