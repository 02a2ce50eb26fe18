"""A hyperparameter search."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args, overload

from dlrun import variables
from dlrun.api.at_least import counts
from dlrun.api.study import Study
from dlrun.errors import DataError, InputError
from dlrun.experiment.plugins import Allow
from dlrun.printable import printable
from dlrun.quantities import count
from dlrun.run_directory.access import present
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.study.executors.connection import Cluster
from dlrun.study.forecast import Forecast, forecast
from dlrun.study.identity import check_identity
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.read_journal import read_journal
from dlrun.study.store.state import State
from dlrun.study.store.trials import trials
from dlrun.study.study import Study as RunningStudy
from dlrun.study.sweep.compile import read_plan
from dlrun.training.stop import Stop

ExecutorName = Literal["local", "dask", "slurm"]
"""Where runs are trained: on this machine, by dask, or as jobs of Slurm."""


class Search:
    """A checked sweep, ready to be run.

    Args:
        sweep: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys of the sweep.
        jobs: runs to train at the same time; None is as many as there are threads.
        executor: where they are trained.
        scheduler: address of a dask scheduler, such as ``tcp://host:8786``; None starts one.
        studies: the folder of all studies.
        allow_plugins: whether the Python files that the spec names may run.

    Attributes:
        plan: the sweep with its space and its spec.

    Raises:
        SpecError: the sweep, its spec or the data has errors; the message lists all of them.
        InputError: ``jobs`` is not a whole number from 1, or ``executor`` is unknown.
    """

    def __init__(
        self,
        sweep: Given,
        overrides: Overrides = (),
        *,
        jobs: int | None = None,
        executor: ExecutorName = "local",
        scheduler: str | None = None,
        studies: str | Path = "studies",
        allow_plugins: Allow = False,
    ) -> None:
        counts(1, jobs=jobs)
        if executor not in get_args(ExecutorName):
            known = ", ".join(get_args(ExecutorName))
            raise InputError(f"--executor {printable(str(executor))}: must be one of {known}")
        self.plan = read_plan(sweep, overrides, allow_plugins=allow_plugins)
        self._jobs, self._workers = jobs, jobs or variables.threads()
        self._executor, self._scheduler = executor, scheduler
        self._studies = Path(studies)

    def forecast(self) -> Forecast:
        """List the trials and estimate time and memory, from some seconds of training."""
        try:
            begun = self._begun()
        except DataError as error:
            begun = [f"this sweep cannot continue the study of its name: {error}"]
        return self._forecast(begun)

    def dry_run(self) -> Forecast:
        """The forecast of a study that ``start`` may begin or continue.

        Raises:
            DataError: a study of this name was begun with another sweep, or its files are broken.
        """
        return self._forecast(self._begun())

    def _forecast(self, begun: Sequence[str]) -> Forecast:
        """The forecast of a new study, with lines about the one that has begun."""
        found = forecast(self.plan, self._workers)
        return replace(found, earlier=[*begun, *found.earlier])

    def _begun(self) -> list[str]:
        """A line on the study that this sweep would continue, if it has begun."""
        directory = StudyDirectory(self._studies / self.plan.sweep.name)
        if not present(directory.journal_file):
            return []
        state = State.replay(read_journal(directory.journal_file))
        check_identity(self.plan, directory, state, asked=False)
        sweep, limit = self.plan.sweep, self.plan.trials
        found = trials(state, sweep.goals, sweep.repeats, limit)
        ended = sum(each.ended for each in found)
        return [
            f"{directory.path} has begun: {ended} of {count(len(found), 'trial')} have ended; what "
            "follows is the forecast of a new study"
        ]

    def start(self) -> RunningStudy:
        """Begin the study, or continue it if it was interrupted.

        Raises:
            InputError: executor, scheduler and jobs do not fit together.
            DataError: another process runs the study, or it was begun with another sweep.
        """
        if self._scheduler is not None and self._executor != "dask":
            raise InputError("--scheduler needs --executor dask")
        if self._executor == "slurm" and self._jobs is None:
            raise InputError("--executor slurm needs --jobs, the number of jobs to submit")
        cluster = None
        if self._executor != "local":
            cluster = Cluster(self._executor, self._scheduler, self._jobs)
        directory = StudyDirectory(self._studies / self.plan.sweep.name)
        return RunningStudy(self.plan, directory, self._workers, cluster)


@overload
def tune(
    sweep: Given,
    overrides: Overrides = (),
    *,
    jobs: int | None = None,
    executor: ExecutorName = "local",
    scheduler: str | None = None,
    studies: str | Path = "studies",
    dry_run: Literal[False] = False,
    allow_plugins: Allow = False,
) -> Study: ...
@overload
def tune(
    sweep: Given,
    overrides: Overrides = (),
    *,
    jobs: int | None = None,
    executor: ExecutorName = "local",
    scheduler: str | None = None,
    studies: str | Path = "studies",
    dry_run: Literal[True],
    allow_plugins: Allow = False,
) -> Forecast: ...
def tune(
    sweep: Given,
    overrides: Overrides = (),
    *,
    jobs: int | None = None,
    executor: ExecutorName = "local",
    scheduler: str | None = None,
    studies: str | Path = "studies",
    dry_run: bool = False,
    allow_plugins: Allow = False,
) -> Study | Forecast:
    """Search for the best values of a spec's keys, without output on the terminal.

    A study that was interrupted continues.  Trials that fail and claims that do not hold raise
    nothing: see ``Study.failed`` and ``Study.verdicts``.

    Args:
        sweep: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys of the sweep.
        jobs: runs to train at the same time; None is as many as there are threads.
        executor: where they are trained: ``local``, ``dask`` or ``slurm``.
        scheduler: address of a dask scheduler, such as ``tcp://host:8786``; None starts one.
        studies: the folder of all studies.
        dry_run: whether to train nothing and return the trials with an estimate of time and memory.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        SpecError: the sweep, its spec or the data has errors; the message lists all of them.
        InputError: ``jobs`` is not a whole number from 1, ``executor`` is unknown, or executor,
            scheduler and jobs do not fit together.
        DataError: another process runs the study, it was begun with another sweep, or its directory
            cannot be written; the same call continues it.
    """
    search = Search(
        sweep,
        overrides,
        jobs=jobs,
        executor=executor,
        scheduler=scheduler,
        studies=studies,
        allow_plugins=allow_plugins,
    )
    for note in search.plan.notes:
        warnings.warn(note, stacklevel=2)
    if dry_run:
        return search.dry_run()
    running = search.start()
    for _ in running.run(Stop()):
        pass
    return Study(running.directory.path)
