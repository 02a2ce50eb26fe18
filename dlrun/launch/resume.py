"""Resuming a training: by its spec, or by its run directory."""

from __future__ import annotations

from functools import partial
from os import PathLike
from pathlib import Path

from dlrun import catalog
from dlrun.collection.naming import resolve_run
from dlrun.experiment import plugins
from dlrun.experiment.compile import compile_document, compile_spec
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.moved import own_data
from dlrun.launch.command import command_of
from dlrun.launch.finished import Finished
from dlrun.launch.latest import latest
from dlrun.launch.one_fold import require_one_fold
from dlrun.launch.resume_compiled import resume_compiled
from dlrun.launch.start_compiled import start_compiled
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.run_directory.directory import RunDirectory
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.training.stop import Stop


def resume_latest(
    spec: Given,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    or_start: bool = False,
    allow_changes: bool = False,
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
) -> Training | Finished:
    """Resume the newest run that was started with this spec and these overrides.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        runs: the folder of all runs.
        or_start: whether to start a run if there is none.
        allow_changes: whether to resume even if the spec, the data or versions changed.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training.
        stop: asks training to end; None if nothing will.

    Returns:
        ``Finished`` if nothing is left to do.

    Raises:
        SpecError: the spec has errors, or asks for several folds; the message lists all of them.
        InputError: no run can be resumed, or something has changed.
        DataError, DivergedError: as ``resume_compiled``.
    """
    with probe.part("setup"):
        catalog.load()
        document = Document.open(spec, Experiment, overrides)
        compiled = compile_document(document, allow_plugins=allow_plugins)
    require_one_fold(compiled.experiment)
    name, command = compiled.experiment.name, command_of(document, overrides)
    newest = latest(Path(runs), name, command, document.path, or_start=or_start)
    with newest as (directory, notes):
        if directory is None:
            return start_compiled(
                compiled,
                document.content,
                document.path.parent,
                partial(RunDirectory.create, Path(runs), name),
                command=command,
                notes=notes,
                probe=probe,
                stop=stop,
            )
    training = resume_compiled(
        compiled,
        directory,
        document.path.parent,
        allow_changes=allow_changes,
        allow_plugins=allow_plugins,
        notes=notes,
        probe=probe,
        stop=stop,
    )
    if isinstance(training, Training):
        directory.write_spec(document.content)
    return training


def resume_run(
    run: str | PathLike[str],
    overrides: Overrides = (),
    *,
    allow_changes: bool = False,
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
) -> Training | Finished:
    """Resume a run by its directory; see ``resume_compiled``.

    Args:
        run: the run directory, whose resolved spec is used.
        overrides: values that replace those of its keys.
        allow_changes: whether to resume even if the spec, the data or versions changed.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training.
        stop: asks training to end; None if nothing will.

    Raises:
        SpecError: the spec has errors; the message lists all of them.
        InputError, DataError, DivergedError: as ``resume_compiled``.
    """
    directory = RunDirectory.open(resolve_run(run))
    with probe.part("setup"), own_data(directory):
        compiled = compile_spec(directory.resolved_file, overrides, allow_plugins=allow_plugins)
    return resume_compiled(
        compiled,
        directory,
        directory.path,
        allow_changes=allow_changes,
        allow_plugins=allow_plugins,
        probe=probe,
        stop=stop,
    )
