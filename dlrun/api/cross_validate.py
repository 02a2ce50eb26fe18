"""Cross-validation: a training for each fold of the data, and the mean of their scores.

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

from dlrun import catalog
from dlrun.api.run import Run
from dlrun.data.section import DataSection
from dlrun.errors import DivergedError, InputError
from dlrun.experiment.compile import Compiled, compile_document, compile_spec
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.plugins import Allow
from dlrun.intervals import UNKNOWN, Estimate, Scale, estimate
from dlrun.launch.description import numerics_of
from dlrun.launch.start_compiled import start_compiled
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.run_directory import environment
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Status
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.spec.resolved import dump, to_yaml
from dlrun.study.store.scales import scales
from dlrun.training.events import RunEnded

_KEY = "data.split.fold"


@dataclass(frozen=True, slots=True)
class Fold:
    """A training that is about to start, one of several."""

    number: int
    of: int
    training: Training


@dataclass(frozen=True, slots=True)
class FoldScores:
    """The scores of all folds.

    Attributes:
        status: ``completed`` if all folds are; otherwise how the first other fold ended.
        reason: why, in a sentence.
        folds: how each trained fold ended, in order.
        scores: by metric the mean over the completed folds, and its 95 % interval.
        seconds: wall time.
    """

    status: Status
    reason: str
    folds: tuple[RunEnded, ...]
    scores: Mapping[str, Estimate]
    seconds: float

    def values(self, metric: str) -> tuple[float | None, ...]:
        """A metric of each trained fold; None for a fold without it."""
        return tuple(fold.metrics.get(metric) for fold in self.folds)

    def as_json(self) -> dict[str, Any]:
        """The content of result.json."""
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


def folds_of(spec: Given, overrides: Overrides = ()) -> int:
    """How many folds a spec asks to train; 0 if it asks for a single training.

    It is 0 for a spec with errors too: compiling it then lists all of them.

    Raises:
        SpecError: the file cannot be read, or is not a mapping.
    """
    catalog.load()
    section = Document.open(spec, Experiment, overrides).field("data")
    if not isinstance(section, DataSection) or section.split.fold is not None:
        return 0
    return section.split.folds or 0


class CrossValidated:
    """The directory of a finished cross-validation.

    Attributes:
        path: the directory.
        scores: by metric, such as ``test.accuracy``, mean and 95 % interval over the folds.
        folds: the run of each fold.
    """

    def __init__(self, path: Path, scored: FoldScores) -> None:
        self.path, self.scores = path, scored.scores
        numbers = range(1, len(scored.folds) + 1)
        self.folds = tuple(Run(path / f"fold-{number}") for number in numbers)

    def __repr__(self) -> str:
        return f"CrossValidated({str(self.path)!r})"


class CrossValidation:
    """The trainings of all folds, in one directory.

    It is ``runs/<name>/<id>`` with spec, environment and result, and a run directory ``fold-1``
    and so on of each training.  It is made once the first fold is ready to be trained.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        folds: how many, from ``folds_of``.
        runs: the folder of all runs.
        allow_plugins: whether the Python files that the spec names may run.
    """

    def __init__(
        self,
        spec: Given,
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
        """Where everything is written; it exists after the start of the first fold."""
        assert self._directory is not None
        return self._directory

    def __iter__(self) -> Iterator[Fold]:
        """Each fold in turn: train it to its end and finish it before taking the next.

        A fold that a signal stops is the last.

        Raises:
            SpecError: the spec or its data has errors.
            DataError: a directory cannot be written.
        """
        return self.trainings(lambda: UNWATCHED)

    def trainings(self, probe: Callable[[], Probe]) -> Iterator[Fold]:
        """The same, with a probe for each training."""
        for number in range(1, self._folds + 1):
            training = self._begin(number, probe())
            yield Fold(number, self._folds, training)
            assert training.ended is not None
            self._ended.append(training.ended)
            if training.ended.status == "stopped":
                return

    def finish(self) -> FoldScores:
        """Average the scores and, last of all, write them.

        Raises:
            DataError: they cannot be written.
        """
        seconds = time.perf_counter() - self._started
        scored = _together(self._ended, self._folds, seconds, self._scales)
        self.directory.finish(scored.as_json())
        return scored

    def _begin(self, number: int, probe: Probe) -> Training:
        if isinstance(self._overrides, Mapping):
            overrides: Overrides = {**self._overrides, _KEY: number}
        else:
            overrides = [*self._overrides, f"{_KEY}={number}"]
        with probe.part("setup"):
            catalog.load()
            document = Document.open(self._spec, Experiment, overrides)
            compiled = compile_document(document, allow_plugins=self._allow_plugins)
        self._scales = scales(compiled)
        content, folder = document.content, document.path.parent
        if self._directory is None:
            self._directory = RunDirectory.create(self._runs, compiled.experiment.name)
            self._directory.write_spec(content)
            self._directory.write_resolved(to_yaml(dump(_undecided(compiled).anchored(folder))))
        make = partial(RunDirectory.make, self._directory.path / f"fold-{number}")
        return start_compiled(
            compiled,
            content,
            folder,
            make,
            describe=partial(self._describe, compiled.experiment),
            probe=probe,
            group=self._directory.path,
        )

    def _describe(
        self, experiment: Experiment, fingerprint: str, threads: int
    ) -> Mapping[str, Any]:
        """The environment of a fold, which is the same for all."""
        content = environment.collect(fingerprint, threads)
        if not self.directory.environment_file.exists():
            self.directory.write_environment({**content, **numerics_of(experiment)})
        return content


def _undecided(compiled: Compiled) -> Experiment:
    """The experiment of all folds."""
    experiment = compiled.experiment
    split = experiment.data.split.model_copy(update={"fold": None})
    data = experiment.data.model_copy(update={"split": split})
    return experiment.model_copy(update={"data": data})


def _together(
    ended: list[RunEnded], folds: int, seconds: float, scales: Mapping[str, Scale]
) -> FoldScores:
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
        return FoldScores(
            fold.status, f"fold {number}: {fold.reason}", tuple(ended), scores, seconds
        )
    return FoldScores("completed", f"all {folds} folds are done", tuple(ended), scores, seconds)


def cross_validate(
    spec: Given,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    allow_plugins: Allow = False,
) -> CrossValidated:
    """Train every fold of a spec with ``data.split.folds``, without output on the terminal.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        runs: the folder of all runs.
        allow_plugins: whether the Python files that the spec names may run; without it, only files
            run that the user has trusted before, on the command line.

    Raises:
        SpecError: the spec has errors; the message lists all of them.
        InputError: the spec has no folds, or asks for one of them.
        DataError: a directory cannot be written.
        DivergedError: a fold diverged; all directories are complete all the same.
    """
    folds = folds_of(spec, overrides)
    if not folds:
        compile_spec(
            spec, overrides, allow_plugins=allow_plugins
        )  # the message is likely to show why
        raise InputError("nothing to cross-validate; set data.split.folds")
    validation = CrossValidation(spec, overrides, folds, Path(runs), allow_plugins=allow_plugins)
    for fold in validation:
        with fold.training as training:
            training.run()
    scored = validation.finish()
    if scored.status == "diverged":
        raise DivergedError(f"{validation.directory.path}: {scored.reason}")
    return CrossValidated(validation.directory.path, scored)
