"""dlrun from Python: what the command line does, as functions.

import dlrun

run = dlrun.train("spec.yaml", {"optimizer.adam.lr": 1e-3})
run.metrics["validation.loss"]
run.predict(x)
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from dlrun.arrays import Array
from dlrun.errors import DataError, DivergedError, DlrunError, InputError, SpecError
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.report import plots
from dlrun.runs import environment
from dlrun.runs.access import writing
from dlrun.runs.atomic import replace
from dlrun.runs.directory import RunDirectory
from dlrun.runs.lock import Lock, gate
from dlrun.spec.document import Document
from dlrun.spec.overrides import Overrides
from dlrun.spec.resolved import dump, to_yaml
from dlrun.training import plugins, stored
from dlrun.training.changes import changes
from dlrun.training.compile import Compiled, compile_spec, read_experiment
from dlrun.training.evaluation import Answers, Tell, answers, scores_of
from dlrun.training.events import EpochEnded, Event, RunEnded
from dlrun.training.experiment import Experiment
from dlrun.training.find_lr import RangeTest
from dlrun.training.find_lr import find_lr as range_test
from dlrun.training.profile import Profile, Profiler
from dlrun.training.recorder import Recorder
from dlrun.training.resume import resume as resume_session
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Describe = Callable[[str, int], Mapping[str, Any]]
"""What a run runs on, given the fingerprint of the data and the number of threads."""


def _warn(note: str) -> None:
    """Show a note as a warning of the caller of ``Run``'s methods."""
    warnings.warn(note, stacklevel=5)


class Run:
    """A run that was started, on disk.

    Threads may share one; predictions that they ask for at the same time wait for one another.  A
    copy, also one that was pickled for another process, reads the weights again when it needs
    them.

    Attributes:
        path: the run directory.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        RunDirectory.open(self.path)
        self._directory = RunDirectory(self.path.absolute())  # wherever the process goes

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    def __reduce__(self) -> tuple[type[Run], tuple[Path]]:
        return type(self), (self._directory.path,)

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
    def plugins(self) -> tuple[str, ...]:
        """Python files that its spec names for training; predicting and evaluating run none."""
        named = Document.open(self._directory.resolved_file, Experiment).field("plugins")
        return tuple(named or ())

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

    def predict_file(self, file: str, tell: Tell = _warn) -> Answers:
        """What the kept weights say of the samples in a file, in the form of the run's source.

        Args:
            file: needs no targets.
            tell: gets a line for each thing that the user should know of the samples, such as files
                that were left out; by default they become warnings.

        Raises:
            DataError: the file cannot be read or used; where it is a sample's fault, with its row.
        """
        return answers(self._directory, self._weights, tell, file)

    def evaluate(self, file: str | None = None, tell: Tell = _warn) -> Mapping[str, float]:
        """The loss and the metrics of the kept weights.

        Args:
            file: samples with targets; None scores the run's own validation and test part again.
            tell: as for ``predict_file``.

        Raises:
            DataError: data or run cannot be read, or the data is not that of the run any more.
        """
        return scores_of(self._directory, self._weights, tell, file)

    @cached_property
    def _stored(self) -> stored.Stored:
        return stored.load(self._directory, self._weights)

    @property
    def _weights(self) -> stored.Which:
        found: stored.Which = self._directory.training_result()["weights"]
        return found


class Training:
    """A run directory and the training that fills it; ``start`` and its like make it.

    It holds the directory's lock until it is left, as a context manager, or the process ends.

    Attributes:
        directory: where everything is written.
        stop: asks training to end; it carries the spec's ``max_time``.
        ended: how training ended; None before it has.
        profile: where the time went; None before ``finish``, and where nobody asked for it.
        notes: what the user should know of the data and of the run directory, a line each.
    """

    def __init__(
        self,
        session: Session,
        directory: RunDirectory,
        lock: Lock,
        stop: Stop | None,
        *,
        seconds: float = 0.0,
        notes: Sequence[str] = (),
        resumed: bool = False,
    ) -> None:
        self.directory = directory
        self.stop = Stop() if stop is None else stop
        self.profile: Profile | None = None
        self.ended: RunEnded | None = None
        self.notes = (*session.compiled.notes, *notes)
        self._session, self._lock, self._seconds = session, lock, seconds
        self._resumed = resumed
        self.stop.limit(session.compiled.experiment.max_time)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the directory free."""
        self._lock.release()

    @property
    def probe(self) -> Probe:
        """What watches it."""
        return self._session.network.probe

    def events(self) -> Iterator[Event]:
        """Train; every event is on disk before it is handed on."""
        record = self.probe.part("files", Recorder(self._session, self.directory))
        self.stop.heeded = True
        events = self._session.run(self.stop, self._seconds)
        for event in self._restored(events) if self._resumed else events:
            record(event)
            if isinstance(event, RunEnded):
                self.ended = event
            yield event

    def _restored(self, events: Iterator[Event]) -> Iterator[Event]:
        """The events of a training that was resumed.

        Raises:
            DataError: its first epoch fails in a way that no training does, and the code of no
                plugin has a part in it.  What was stored has the form of a checkpoint then, and
                values that do not belong together.
        """
        try:
            for event in events:
                yield event
                if isinstance(event, EpochEnded):
                    break
        except (DlrunError, OSError, MemoryError, ImportError):
            raise
        except Exception as fault:
            if plugins.raised(fault):
                raise
            raise DataError(
                f"{self.directory.checkpoints}: the training that is stored there cannot be "
                f"resumed: {type(fault).__name__}: {fault}; restore the file, or train again "
                "without --resume"
            ) from fault
        yield from events

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
                "ended_by": asdict(ended.ended_by),
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
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
) -> Training:
    """Read a spec, load its data, build its network, and make the run directory.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        runs: the folder of all runs; the new one is ``runs/<name>/<id>``.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training; what a ``Profiler`` finds is written to the directory.
        stop: asks training to end; None where nobody will.

    Raises:
        SpecError: the spec has faults, or asks for several folds; the message lists all of them.
        DataError: the run directory cannot be written.
    """
    path = Path(spec)
    compiled = probe.part("setup", compile_spec)(path, overrides, allow_plugins=allow_plugins)
    split = compiled.experiment.data.split
    if split.folds is not None and split.fold is None:
        one = "set data.split.fold, or train all of them with dlrun.cross_validate"
        raise SpecError([f"{split.place_of('folds')}: a training has one fold; {one}"])
    make = partial(RunDirectory.create, Path(runs), compiled.experiment.name)
    call = _call(path, overrides)
    return begin(compiled, path.read_bytes(), path.parent, make, call=call, probe=probe, stop=stop)


def begin(
    compiled: Compiled,
    spec: bytes,
    folder: Path,
    make: Callable[[], RunDirectory],
    *,
    describe: Describe = environment.collect,
    call: Mapping[str, Any] | None = None,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
    notes: Sequence[str] = (),
) -> Training:
    """Build the network of a compiled spec, and make the run directory.

    Args:
        compiled: the experiment.
        spec: as written, to be kept.
        folder: where relative paths in it start.
        make: makes the directory, once the memory of the network is there.
        describe: what the run runs on, given the fingerprint of the data and the threads.
        call: what it is found by when the same is called again; None is nothing.
        probe: watches the training.
        stop: asks training to end; None where nobody will.
        notes: what the user should know of it, a line each.

    Raises:
        DataError: the run directory cannot be written.
    """
    session = probe.part("setup", Session)(compiled, probe)
    directory = make()
    with ExitStack() as unless_handed_on:
        lock = Lock.acquire(directory.path)
        unless_handed_on.callback(lock.release)
        runs_on = _environment(session, folder, describe)
        directory.write_spec(spec)
        directory.write_environment({**runs_on, "call": call})
        directory.write_resolved(_resolved(compiled, folder))
        if compiled.data.left_out:
            directory.write_left_out(compiled.data.left_out)
        unless_handed_on.pop_all()
        return Training(session, directory, lock, stop, notes=notes)


def carry_on(
    compiled: Compiled,
    directory: RunDirectory,
    folder: Path,
    *,
    describe: Describe = environment.collect,
    changed: bool = False,
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
    notes: Sequence[str] = (),
) -> Training | Run:
    """Go on with a run, where it was stored last, or from its start where nothing is stored yet.

    It ends with the bits that it would have ended with if it had not been interrupted.

    Args:
        compiled: the experiment; ``epochs`` may be more than when it was begun.
        directory: of the run.
        folder: where relative paths in the spec start.
        describe: what the run runs on, given the fingerprint of the data and the threads.
        changed: whether it may go on with another spec, other data or other versions.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training.
        stop: asks training to end; None where nobody will.
        notes: what the user should know of it, a line each.

    Returns:
        The run where nothing is left to do.

    Raises:
        InputError: something has changed; the message names it.
        DataError: another process is at work there, nothing that is stored can be used, or the
            run directory cannot be written.
        DivergedError: the run has diverged, and would again.
    """
    with ExitStack() as unless_handed_on:
        lock = Lock.acquire(directory.path)
        unless_handed_on.callback(lock.release)
        before = read_experiment(directory.resolved_file, allow_plugins=allow_plugins)
        ran = directory.environment()
        session = probe.part("setup", Session)(compiled, probe)
        runs_on = _environment(session, folder, describe)
        now = compiled.experiment.anchored(folder)
        found = changes(before, now, ran, runs_on)
        if found and not changed:
            raise InputError(
                f"{directory.path}: it cannot go on as it began: {'; '.join(found)}; put that "
                "back, begin another run without --resume, or go on all the same with --changed"
            )
        if not found and _is_over(directory, before, now):
            return Run(directory.path)
        resumed = resume_session(session, directory)
        directory.reopen()
        notes = [*notes, *resumed.notes, *_note_on_epochs(session, before, directory)]
        if found:
            notes.append(f"{directory.path}: it goes on although {'; '.join(found)}")
        earlier = {key: value for key, value in ran.items() if runs_on.get(key) != value}
        before_that = earlier.pop("earlier", [])
        history = [*(before_that if isinstance(before_that, list) else []), earlier]
        directory.write_environment({**runs_on, "call": ran.get("call"), "earlier": history})
        directory.write_resolved(_resolved(compiled, folder))
        unless_handed_on.pop_all()
        return Training(
            session,
            directory,
            lock,
            stop,
            seconds=resumed.seconds,
            notes=notes,
            resumed=resumed.restored,
        )


def go_on(
    spec: str | Path,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    anew: bool = False,
    changed: bool = False,
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
) -> Training | Run:
    """Go on with the newest run of a spec and overrides; see ``carry_on``.

    The run is found by the path of the spec and by the overrides, but for those of ``epochs``,
    ``max_time`` and ``checkpoint``; that they mean the same as before is checked.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        runs: the folder of all runs.
        anew: whether to begin one where there is none.
        changed: whether it may go on with another spec, other data or other versions.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training.
        stop: asks training to end; None where nobody will.

    Raises:
        SpecError: the spec has faults; the message lists all of them.
        InputError: there is none to go on with, or something has changed.
        DataError, DivergedError: as ``carry_on``.
    """
    path = Path(spec)
    compiled = probe.part("setup", compile_spec)(path, overrides, allow_plugins=allow_plugins)
    name, call = compiled.experiment.name, _call(path, overrides)
    if anew:
        with writing(Path(runs) / name):
            (Path(runs) / name).mkdir(parents=True, exist_ok=True)
    elif RunDirectory.latest(Path(runs), name, call)[0] is None:
        raise InputError(
            f"{path}: there is no run of it in {Path(runs) / name} to go on with; "
            "--resume auto begins one"
        )
    with gate(Path(runs) / name):  # of two that begin at once, one finds the other's run
        found, notes = RunDirectory.latest(Path(runs), name, call)
        if found is None:
            make = partial(RunDirectory.create, Path(runs), name)
            text, folder = path.read_bytes(), path.parent
            return begin(
                compiled, text, folder, make, call=call, notes=notes, probe=probe, stop=stop
            )
    training = carry_on(
        compiled,
        found,
        path.parent,
        changed=changed,
        allow_plugins=allow_plugins,
        notes=notes,
        probe=probe,
        stop=stop,
    )
    if isinstance(training, Training):
        found.write_spec(path.read_bytes())
    return training


def reopen(
    run: str | Path,
    overrides: Overrides = (),
    *,
    changed: bool = False,
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
) -> Training | Run:
    """Go on with a run by its directory; see ``carry_on``.

    Args:
        run: the run directory, whose resolved spec is taken.
        overrides: keys of it with other values.
        changed: whether it may go on with another spec, other data or other versions.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training.
        stop: asks training to end; None where nobody will.

    Raises:
        SpecError: the spec has faults; the message lists all of them.
        InputError, DataError, DivergedError: as ``carry_on``.
    """
    directory = RunDirectory.open(Path(run))
    resolved = directory.resolved_file
    compiled = probe.part("setup", compile_spec)(resolved, overrides, allow_plugins=allow_plugins)
    return carry_on(
        compiled,
        directory,
        directory.path,
        changed=changed,
        allow_plugins=allow_plugins,
        probe=probe,
        stop=stop,
    )


def _environment(session: Session, folder: Path, describe: Describe) -> dict[str, Any]:
    compiled, network = session.compiled, session.network
    return {
        **describe(compiled.data.fingerprint, network.pool.threads),
        "kernels": network.kernels.which,
        "plugins": plugins.digests(compiled.experiment, folder),
    }


def _resolved(compiled: Compiled, folder: Path) -> str:
    return to_yaml(dump(compiled.experiment.anchored(folder)))


def _call(spec: Path, overrides: Overrides) -> dict[str, Any]:
    """What a run is found by when the same command is given again."""
    words = overrides
    if isinstance(overrides, Mapping):
        words = [f"{key}={value}" for key, value in overrides.items()]
    kept = [word for word in words if word.partition("=")[0].split(".")[0] not in _FREE]
    return {"spec": str(spec.resolve()), "overrides": sorted(kept)}


_FREE = ("epochs", "max_time", "checkpoint")
"""Keys that may have another value each time that a run goes on."""


def _is_over(directory: RunDirectory, before: Experiment, now: Experiment) -> bool:
    """Whether a run has come to its end, and ``now`` asks for no more.

    Raises:
        DivergedError: it has diverged.
    """
    if not directory.has_ended:
        return False
    result = directory.training_result()
    if result["status"] == "diverged":
        raise DivergedError(f"{directory.path}: {result['reason']}")
    if result["status"] != "completed":
        return False
    epochs = result["epochs"]
    return bool(epochs >= now.epochs or epochs < before.epochs)  # early stopping ended it


def _note_on_epochs(session: Session, before: Experiment, directory: RunDirectory) -> list[str]:
    """A line where more epochs would have led to other rates in those that are done."""
    now, done = session.compiled.experiment, session.descent.updater.pace.step
    steps = session.descent.steps
    for step in range(0, done, max(1, done // 100)):
        rates = [now.schedule.factor(step, steps, epochs) for epochs in (before.epochs, now.epochs)]
        if rates[0] != rates[1]:
            return [
                f"{directory.path}: the schedule depends on epochs, so a run of {now.epochs} from "
                f"the start would differ from this one of {before.epochs} that goes on"
            ]
    return []


def train(
    spec: str | Path,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    resume: bool = False,
    allow_plugins: bool = False,
) -> Run:
    """Train what a spec describes, without a word on the terminal.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        runs: the folder of all runs.
        resume: whether to go on with the newest run of this spec and these overrides, if there is
            one; it is given back as it is where it is finished.
        allow_plugins: whether the Python files that the spec names may run; without it, only those
            may that the user has trusted before, on the command line.

    Raises:
        SpecError: the spec has faults; the message lists all of them.
        InputError: a run is to go on and something has changed that its result depends on.
        DataError: the run directory cannot be written.
        DivergedError: the loss is no longer finite; the run directory is complete all the same.
    """
    if resume:
        found = go_on(spec, overrides, runs=runs, anew=True, allow_plugins=allow_plugins)
        if isinstance(found, Run):
            return found
    else:
        found = start(spec, overrides, runs=runs, allow_plugins=allow_plugins)
    with found as training:
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
    allow_plugins: plugins.Allow = False,
) -> Found:
    """Train a few steps while the learning rate grows, and write the curve.

    Args:
        spec: path of the YAML file.
        overrides: keys with other values.
        lowest: the first rate.
        highest: the last rate.
        steps: from one to the other, at least 20.
        into: the folder of ``<name>.csv`` and ``<name>.png``, which are replaced.
        allow_plugins: whether the Python files that the spec names may run.

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
    compiled = compile_spec(Path(spec), overrides, allow_plugins=allow_plugins)
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
