"""dlrun from Python: what the command line does, as functions.

import dlrun

run = dlrun.train("spec.yaml", {"optimizer.adam.lr": 1e-3})
run.metrics["validation.loss"]
run.predict(x)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

from dlrun.arrays import Array
from dlrun.errors import DataError, DivergedError, InputError, SpecError
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.report import plots
from dlrun.runs import environment
from dlrun.runs.access import writing
from dlrun.runs.atomic import replace
from dlrun.runs.directory import RunDirectory
from dlrun.spec.overrides import Overrides
from dlrun.spec.resolved import dump, to_yaml
from dlrun.training import stored
from dlrun.training.compile import Compiled, compile_spec
from dlrun.training.evaluation import Answers, answers, scores_of
from dlrun.training.events import Event, RunEnded
from dlrun.training.find_lr import RangeTest
from dlrun.training.find_lr import find_lr as range_test
from dlrun.training.profile import Profile, Profiler
from dlrun.training.recorder import Recorder
from dlrun.training.session import Session
from dlrun.training.stop import Stop


class Run:
    """A run that was started, on disk.

    Attributes:
        path: the run directory.
    """

    def __init__(self, path: str | Path) -> None:
        self._directory = RunDirectory.open(Path(path))
        self.path = self._directory.path

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def result(self) -> Mapping[str, Any]:
        """How it ended: status, reason, best epoch, final metrics, seconds.

        Raises:
            DataError: it has not.
        """
        return self._directory.result()

    @property
    def metrics(self) -> Mapping[str, Sequence[float]]:
        """The columns of metrics.csv, a value an epoch."""
        return self._directory.metrics()

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Names of the classes or labels; None in regression."""
        return self._stored.classes

    def predict(self, inputs: Array | Sequence[str]) -> Array:
        """What the kept weights say of samples as the run's source gives them.

        Preprocessing is that which was fitted on the run's training part.

        Args:
            inputs: (n, *sample shape), or n texts.

        Returns:
            Probabilities, (n, classes); with binary_cross_entropy that of the second class, (n, 1),
            or of each label, (n, labels); in regression the numbers, in the shape of the targets.

        Raises:
            DataError: the samples have another shape, or the run has no weights.
        """
        return self._stored.predict(inputs)

    def predict_file(self, file: str) -> Answers:
        """What the kept weights say of the samples in a file, in the form of the run's source.

        Args:
            file: needs no targets.

        Raises:
            DataError: the file cannot be read or used; where it is a sample's fault, with its row.
        """
        return answers(self._directory, self._weights, file)

    def evaluate(self, file: str | None = None) -> Mapping[str, float]:
        """The loss and the metrics of the kept weights.

        Args:
            file: samples with targets; None scores the run's own validation and test part again.

        Raises:
            DataError: data or run cannot be read, or the data is not that of the run any more.
        """
        return scores_of(self._directory, self._weights, file)

    @cached_property
    def _stored(self) -> stored.Stored:
        return stored.load(self._directory, self._weights)

    @property
    def _weights(self) -> stored.Which:
        if "folds" in self.result:
            raise DataError(
                f"{self.path}: a cross-validation has no weights of its own; take one of its "
                f"folds, as {self.path / 'fold-1'}"
            )
        which = self.result.get("weights")
        if which not in ("best", "last"):
            raise DataError(
                f"{self._directory.result_file}: 'weights' must be best or last, got {which!r}; "
                "the file is broken"
            )
        found: stored.Which = which
        return found


class Training:
    """A run directory and the training that fills it; ``start`` makes it.

    Attributes:
        directory: where everything is written.
        stop: asks training to end; it carries the spec's ``max_time``.
        ended: how training ended; None before it has.
        profile: where the time went; None before ``finish``, and where nobody asked for it.
    """

    def __init__(self, session: Session, directory: RunDirectory) -> None:
        self.directory = directory
        self.profile: Profile | None = None
        self.stop = Stop(session.compiled.experiment.max_time)
        self.ended: RunEnded | None = None
        self._session = session

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the data, a line each."""
        return self._session.compiled.data.notes

    @property
    def probe(self) -> Probe:
        """What watches it."""
        return self._session.network.probe

    def events(self) -> Iterator[Event]:
        """Train; every event is on disk before it is handed on."""
        record = self.probe.part("files", Recorder(self._session, self.directory))
        for event in self._session.run(self.stop):
            record(event)
            if isinstance(event, RunEnded):
                self.ended = event
            yield event

    def finish(self, *, pictures: bool = True) -> list[str]:
        """Draw the pictures and, last of all, write how the run ended.

        Args:
            pictures: whether somebody will look at this run by itself.

        Returns:
            Warnings: what could not be drawn, which is no reason to lose a result.
        """
        ended = self.ended
        assert ended is not None
        warnings = []
        if pictures and ended.epochs:
            try:
                self.probe.part("plots", plots.draw)(self.directory, ended.best_epoch or None)
            except Exception as fault:  # a font, a display library: the numbers come first
                warnings.append(f"{self.directory.plots}: nothing was drawn: {fault}")
        if isinstance(self.probe, Profiler):
            self.profile = self.probe.report(self._session.network)
            self.directory.write_profile(self.profile.table(), self.profile.trace)
        self.directory.finish(
            {
                "status": ended.status,
                "reason": ended.reason,
                "epochs": ended.epochs,
                "best_epoch": ended.best_epoch,
                "weights": self._session.kept,
                "metrics": ended.metrics,
                "seconds": ended.seconds,
            }
        )
        return warnings


def start(
    spec: str | Path,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    probe: Probe = UNWATCHED,
) -> Training:
    """Read a spec, load its data, build its network, and make the run directory.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        runs: the folder of all runs; the new one is ``runs/<name>/<id>``.
        probe: watches the training; what a ``Profiler`` finds is written to the directory.

    Raises:
        SpecError: the spec has faults, or asks for several folds; the message lists all of them.
        DataError: the run directory cannot be written.
    """
    path = Path(spec)
    compiled = probe.part("setup", compile_spec)(path, overrides)
    split = compiled.experiment.data.split
    if split.folds is not None and split.fold is None:
        one = "set data.split.fold, or train all of them with dlrun.cross_validate"
        raise SpecError([f"{split.place_of('folds')}: a training has one fold; {one}"])
    make = partial(RunDirectory.create, Path(runs), compiled.experiment.name)
    return begin(compiled, path.read_bytes(), path.parent, make, probe=probe)


def begin(
    compiled: Compiled,
    spec: bytes,
    folder: Path,
    make: Callable[[], RunDirectory],
    *,
    describe: Callable[[str, int], Mapping[str, Any]] = environment.collect,
    probe: Probe = UNWATCHED,
) -> Training:
    """Build the network of a compiled spec, and make the run directory.

    Args:
        compiled: the experiment.
        spec: as written, to be kept.
        folder: where relative paths in it start.
        make: makes the directory, once the memory of the network is there.
        describe: what the run runs on, given the fingerprint of the data and the threads.
        probe: watches the training.

    Raises:
        DataError: the run directory cannot be written.
    """
    session = probe.part("setup", Session)(compiled, probe)
    directory = make()
    directory.write_spec(spec)
    directory.write_resolved(to_yaml(dump(compiled.experiment.anchored(folder))))
    threads = session.network.pool.threads
    found = describe(compiled.data.fingerprint, threads)
    directory.write_environment({**found, "kernels": session.network.kernels.which})
    if compiled.data.left_out:
        directory.write_left_out(compiled.data.left_out)
    return Training(session, directory)


def train(spec: str | Path, overrides: Overrides = (), *, runs: str | Path = "runs") -> Run:
    """Train what a spec describes, without a word on the terminal.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        runs: the folder of all runs.

    Raises:
        SpecError: the spec has faults; the message lists all of them.
        DataError: the run directory cannot be written.
        DivergedError: the loss is no longer finite; the run directory is complete all the same.
    """
    training = start(spec, overrides, runs=runs)
    for _ in training.events():
        pass
    training.finish()
    if training.ended is not None and training.ended.status == "diverged":
        raise DivergedError(f"{training.directory.path}: {training.ended.reason}")
    return Run(training.directory.path)


class Found(NamedTuple):
    """A range test, the files that hold its curve, and the key of the spec that it is about."""

    test: RangeTest
    files: tuple[Path, ...]
    key: str


def find_lr(
    spec: str | Path,
    overrides: Overrides = (),
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    into: str | Path = "find-lr",
) -> Found:
    """Train a few steps while the learning rate grows, and write the curve.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        lowest: the first rate.
        highest: the last rate.
        steps: from one to the other, at least 20.
        into: the folder of ``<name>.csv`` and ``<name>.png``, which are replaced.

    Raises:
        InputError: the rates or steps make no range.
        SpecError: the spec has faults; the message lists all of them.
        DivergedError: the loss diverged before there was a curve; nothing is written.
        DataError: the curve cannot be written.
    """
    if not 0.0 < lowest < highest < math.inf:
        raise InputError(f"rates from {lowest:g} to {highest:g} are no range; give 0 < from < to")
    if steps < 20:
        raise InputError(f"{steps} steps are too few; give at least 20")
    compiled = compile_spec(Path(spec), overrides)
    test = range_test(compiled, lowest, highest, steps)
    name, folder = compiled.experiment.name, Path(into)
    table, picture = folder / f"{name}.csv", folder / f"{name}.png"
    rows = zip(test.rates, test.losses, test.smoothed, strict=True)
    lines = ["lr,loss,smoothed", *(",".join(map(repr, row)) for row in rows)]
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    replace(table, "\n".join(lines) + "\n")

    from dlrun.report.lr_curve import draw_lr_curve

    draw_lr_curve(picture, test.rates, test.losses, test.smoothed, test.suggestion, name)
    return Found(test, (table, picture), f"optimizer.{compiled.experiment.optimizer.kind}.lr")
