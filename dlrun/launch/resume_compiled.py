"""Resuming a training of a compiled spec in its run directory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from dlrun.checkpoints.training_state import resume
from dlrun.errors import DivergedError
from dlrun.experiment import plugins
from dlrun.experiment.changes import changes, other_processor, refused
from dlrun.experiment.compile import Compiled
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.moved import moved, reading_from
from dlrun.experiment.read import read_experiment
from dlrun.launch.description import Describe, environment_of, resolved_text
from dlrun.launch.finished import Finished
from dlrun.launch.logging import Log
from dlrun.launch.one_fold import note_on_the_whole, require_run_of_one_fold
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.run_directory import environment
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.earlier import with_earlier
from dlrun.run_directory.lock import Lock
from dlrun.spec.resolved import dump, to_yaml
from dlrun.training.session import Session
from dlrun.training.stop import Stop


def resume_compiled(
    compiled: Compiled,
    directory: RunDirectory,
    folder: Path,
    *,
    describe: Describe = environment.collect,
    allow_changes: bool = False,
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
    notes: Sequence[str] = (),
    group: Path | None = None,
) -> Training | Finished:
    """Resume a run from its last checkpoint, or from the start if it has none yet.

    The result is bit-identical to that of a run that was not interrupted.

    Args:
        compiled: the experiment; ``epochs`` may be more than when the run was started.
        directory: of the run.
        folder: where relative paths in the spec start.
        describe: what the run runs on, given the fingerprint of the data and the threads.
        allow_changes: whether to resume even if the spec, the data or versions changed.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training.
        stop: asks training to end; None if nothing will.
        notes: what the user should know of it, one line each.
        group: the directory of the study or cross-validation that it belongs to, for loggers.

    Returns:
        ``Finished`` if nothing is left to do.

    Raises:
        InputError: something has changed, which the message names, or the directory is that of a
            cross-validation.
        DataError: another process is training there, no checkpoint can be used, or the run
            directory cannot be written.
        DivergedError: the run has diverged, and would again.
    """
    with ExitStack() as unless_returned:
        lock = Lock.acquire(directory.path)
        unless_returned.callback(lock.release)
        before = read_experiment(directory.resolved_file, allow_plugins=allow_plugins)
        require_run_of_one_fold(before, directory)
        ran = directory.environment()
        with probe.part("setup"):
            session = Session(compiled, probe)
        runs_on = environment_of(session, folder, describe)
        now = compiled.experiment.anchored(folder)
        listed = now.data.split.lists is not None
        same_split = listed and directory.has_split(compiled.data.members)
        there = reading_from(before, now, ran, runs_on, same_split=same_split)
        elsewhere = moved(before, there, directory.path) if group is None else []
        changed = changes(there, now, ran, runs_on)
        if changed and not allow_changes:
            raise refused(directory.path, changed)
        if not changed and _is_over(directory, before, now):
            if there != before:
                directory.write_resolved(to_yaml(dump(there)))
            return Finished(directory, (*notes, *elsewhere))
        resumed = resume(session, directory)
        session = resumed.session
        directory.reopen()
        notes = [*notes, *elsewhere, *resumed.notes, *_note_on_epochs(session, before, directory)]
        if (note := other_processor(ran, runs_on)) is not None:
            notes.append(f"{directory.path}: {note}")
        if group is None:
            notes += note_on_the_whole(before, directory)
        if changed:
            notes.append(f"{directory.path}: resumed although {'; '.join(changed)}")
        directory.write_environment(with_earlier({**runs_on, "call": ran.get("call")}, ran))
        directory.write_resolved(resolved_text(compiled, folder))
        directory.write_split(compiled.data.members)
        unless_returned.pop_all()
        return Training(
            session,
            directory,
            lock,
            stop,
            Log(compiled, folder, directory, group=group, changed=bool(changed)),
            seconds=resumed.seconds,
            notes=notes,
            resumed=resumed.restored,
        )


def _is_over(directory: RunDirectory, before: Experiment, now: Experiment) -> bool:
    """Whether a run is finished, and ``now`` asks for no more epochs.

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
    """A line if with more epochs the finished ones would have had other learning rates."""
    now, done = session.compiled.experiment, session.update.updater.pace.step
    steps = session.update.steps
    for step in range(0, done, max(1, done // 100)):
        rates = [now.schedule.factor(step, steps, epochs) for epochs in (before.epochs, now.epochs)]
        if rates[0] != rates[1]:
            return [
                f"{directory.path}: the schedule depends on epochs, so a run of {now.epochs} from "
                f"the start would differ from this one of {before.epochs} that is extended"
            ]
    return []
