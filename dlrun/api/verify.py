"""Training a run again, to compare every number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from dlrun.collection.naming import resolve_run
from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError
from dlrun.experiment.moved import own_data
from dlrun.experiment.plugins import Allow
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.run_directory.compare import compare
from dlrun.run_directory.comparison import Comparison
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Ending
from dlrun.run_directory.fork import need_no_fork
from dlrun.run_directory.weights import Checkpoint
from dlrun.training.events import EpochEnded, Event


def verify(run: str | PathLike[str], *, allow_plugins: Allow = False) -> Comparison:
    """Train a run again from its resolved spec and compare every number, to the bit.

    The second training is removed afterwards.  Of a run that a signal or ``max_time`` stopped, the
    complete epochs and the best weights are compared.

    Args:
        run: the run directory.
        allow_plugins: whether the Python files that the spec names may run.

    Returns:
        ``same`` is whether every number is bit-identical.

    Raises:
        DataError: the run is missing or broken, was stopped in its first epoch, or its data has
            changed.
        SpecError: the resolved spec has errors.
    """
    with Verification(run, allow_plugins=allow_plugins) as verification:
        for _ in verification.events():
            pass
        return verification.compare()


class Verification:
    """The second training of a run; as a context manager it removes what that has written.

    Args:
        run: the run directory.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        DataError: the run is missing or broken, was stopped in its first epoch, or is a
            cross-validation, or continues another run with other settings.
    """

    def __init__(self, run: str | PathLike[str], *, allow_plugins: Allow = False) -> None:
        self._original = RunDirectory.open(resolve_run(run))
        self._allow_plugins = allow_plugins
        need_no_fork(self._original)
        result = self._original.training_result()
        self._whole = result["status"] != "stopped"
        self._epochs: int | None = None if self._whole else result.get("epochs")
        if not self._whole and not self._epochs:
            raise DataError(f"{run}: stopped in its first epoch, so there is nothing to compare")
        self._context = ExitStack()
        self._training: Training | None = None

    @property
    def training(self) -> Training:
        """The second training, within the context."""
        assert self._training is not None
        return self._training

    def __enter__(self) -> Self:
        """Prepare the training.

        Raises:
            SpecError: the resolved spec has errors.
            DataError: the data has changed.
        """
        run, data = self._original, self._original.environment().get("data")
        with ExitStack() as context:
            folder = context.enter_context(TemporaryDirectory(prefix="dlrun-verify-"))
            with own_data(run):
                self._training = start(
                    run.resolved_file,
                    {"max_time": None, "log": []},
                    runs=folder,
                    allow_plugins=self._allow_plugins,
                )
            context.enter_context(self._training)
            if not same_data(self._training.directory.environment()["data"], data):
                raise DataError(
                    f"{run.path}: the data has changed since the run, when its SHA-256 was {data}; "
                    "restore it"
                )
            self._context = context.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the second run."""
        self._context.close()

    def events(self) -> Iterator[Event]:
        """Train as many epochs as the run has; yields what happens."""
        for event in self.training.events():
            yield event
            if isinstance(event, EpochEnded) and event.epoch == self._epochs:
                self.training.stop.halted = Ending("rung", event.epoch)

    def compare(self) -> Comparison:
        """Compare the two runs, after training.

        Raises:
            DataError: a file of the run is missing or broken.
        """
        self.training.finish(pictures=False)
        checkpoints: Sequence[Checkpoint] = ("last", "best") if self._whole else ("best",)
        directory = self.training.directory
        comparison = compare(self._original, directory, checkpoints, ended=self._whole)
        return replace(comparison, spec=())  # both have the same spec, except for max_time and log
