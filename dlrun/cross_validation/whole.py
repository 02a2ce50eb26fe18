"""The directory of a cross-validation, outside of its folds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Self

from dlrun.data.fingerprint import same_data
from dlrun.errors import InputError
from dlrun.experiment.changes import changes, other_processor, refused
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.moved import moved, reading_from
from dlrun.experiment.plugins import Allow
from dlrun.experiment.read import read_experiment
from dlrun.launch.description import numerics_of
from dlrun.run_directory import environment
from dlrun.run_directory.access import linked, present, read_bytes
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.earlier import with_earlier
from dlrun.run_directory.lock import Lock
from dlrun.spec.document import Document
from dlrun.spec.resolved import dump, to_yaml


class Whole:
    """The directory ``runs/<name>/<id>`` of a cross-validation, locked; ``start`` or ``resume`` it.

    Attributes:
        directory: its files.
        lock: keeps other processes from training in it.
        spec: as written, for each fold to keep.
        notes: what the user should know of it, one line each.
    """

    def __init__(
        self,
        directory: RunDirectory,
        lock: Lock,
        spec: bytes,
        experiment: Experiment,
        ran: Mapping[str, Any],
        data: str | None,
        notes: tuple[str, ...],
        there: Experiment | None = None,
    ) -> None:
        self.directory, self.lock, self.spec, self.notes = directory, lock, spec, notes
        self._experiment, self._ran, self._data = experiment, ran, data
        self._runs_on: Mapping[str, Any] = {}
        self._begun = False
        self._there = there

    @classmethod
    def start(
        cls,
        directory: RunDirectory,
        experiment: Experiment,
        spec: bytes,
        command: Mapping[str, Any],
        notes: tuple[str, ...],
    ) -> Self:
        """A new one.

        Args:
            directory: that was made for it.
            experiment: of a fold, anchored.
            spec: as written.
            command: by which it is found again.
            notes: what the user should know of it.

        Raises:
            DataError: it cannot be written.
        """
        lock = Lock.acquire(directory.path)
        directory.write_spec(spec)
        now = undecided(experiment)
        directory.write_resolved(to_yaml(dump(now)))
        return cls(directory, lock, spec, now, {"call": command}, None, notes)

    @classmethod
    def resume(
        cls,
        directory: RunDirectory,
        experiment: Experiment,
        document: Document[Experiment],
        notes: tuple[str, ...],
        *,
        allow_changes: bool,
        allow_plugins: Allow,
    ) -> Self:
        """One that exists.

        Args:
            directory: of it.
            experiment: of a fold, anchored.
            document: the spec, which may be the resolved one of the directory.
            notes: what the user should know of it.
            allow_changes: whether the spec and the data may have changed.
            allow_plugins: whether the Python files that the spec names may run.

        Raises:
            InputError: the spec has changed, or the directory is that of one training.
            DataError: another process is training there, or a file is missing or broken.
        """
        with ExitStack() as unless_returned:
            lock = Lock.acquire(directory.path)
            unless_returned.callback(lock.release)
            before = read_experiment(directory.resolved_file, allow_plugins=allow_plugins)
            now, path = undecided(experiment), directory.path
            if before.data.split.folds is None or before.data.split.fold is not None:
                raise InputError(
                    f"{path}: one training, not a cross-validation; start a new one (without "
                    "--resume)"
                )
            known = present(directory.environment_file)  # a process may have been killed before
            ran = directory.environment() if known else {}
            there = reading_from(before, now, ran, ran)  # ``describe`` compares the data itself
            changed = changes(there, now, ran, ran)
            other_folds = before.data.split.folds != now.data.split.folds
            if changed and (other_folds or not allow_changes):
                raise refused(path, changed, can_allow=not other_folds)
            by_name = document.path == directory.resolved_file
            spec = read_bytes(directory.spec_file) if by_name else document.content
            data = None if allow_changes else ran.get("data")
            unless_returned.pop_all()
            notes = (*notes, *moved(before, there, path))
            elsewhere = None if there == before else there
            return cls(directory, lock, spec, now, ran, data, notes, elsewhere)

    def fold(self, number: int) -> RunDirectory:
        """The directory of a fold, which may not exist yet.

        Raises:
            DataError: it is a link.
        """
        path = self.directory.path / f"fold-{number}"
        if path.is_symlink():
            raise linked(path)
        return RunDirectory(path)

    def describe(self, fingerprint: str, threads: int) -> Mapping[str, Any]:
        """What a fold runs on, which is the same for all.

        Raises:
            InputError: the data is not that of the folds before.
        """
        if self._data is not None and not same_data(self._data, fingerprint):
            raise InputError(
                f"{self.directory.path}: the values of the data have changed since its first fold "
                "was trained; restore them, or start a new run (without --resume)"
            )
        content = environment.collect(fingerprint, threads)
        self._data = fingerprint
        self._runs_on = {**content, **numerics_of(self._experiment)}
        return content

    def keep_paths(self) -> None:
        """Record where the data is now, if a finished fold has shown that it is the same.

        Raises:
            DataError: it cannot be written.
        """
        shown = bool(self._runs_on)  # by ``describe``, which is not asked for a diverged fold
        if self._there is not None and shown and not self._begun:
            self.directory.write_resolved(to_yaml(dump(self._there)))
            self._there = None

    def begin(self) -> None:
        """Note that a fold trains now, and on what.

        Raises:
            DataError: it cannot be written.
        """
        if self._begun:
            return
        self._begun = True
        directory, ran = self.directory, self._ran
        directory.reopen()
        directory.write_spec(self.spec)
        directory.write_resolved(to_yaml(dump(self._experiment)))
        resumed = "data" in ran
        runs_on = {**self._runs_on, "call": ran.get("call")}
        directory.write_environment(with_earlier(runs_on, ran) if resumed else runs_on)
        if resumed and (note := other_processor(ran, self._runs_on)) is not None:
            self.notes += (f"{directory.path}: {note}",)


def undecided(experiment: Experiment) -> Experiment:
    """The experiment of all folds.

    Args:
        experiment: of one of them.
    """
    split = experiment.data.split.model_copy(update={"fold": None})
    data = experiment.data.model_copy(update={"split": split})
    return experiment.model_copy(update={"data": data})
