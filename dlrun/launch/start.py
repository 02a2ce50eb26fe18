"""Starting a training by its spec."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from dlrun import catalog
from dlrun.experiment import plugins
from dlrun.experiment.compile import compile_document
from dlrun.experiment.experiment import Experiment
from dlrun.launch.command import command_of
from dlrun.launch.one_fold import require_one_fold
from dlrun.launch.start_compiled import start_compiled
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.run_directory.directory import RunDirectory
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.training.stop import Stop


def start(
    spec: Given,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    allow_plugins: plugins.Allow = False,
    probe: Probe = UNWATCHED,
    stop: Stop | None = None,
) -> Training:
    """Read a spec, load its data, build its network, and create the run directory.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        runs: the folder of all runs; the new one is ``runs/<name>/<id>``.
        allow_plugins: whether the Python files that the spec names may run.
        probe: watches the training; the report of a ``Profiler`` is written to the directory.
        stop: asks training to end; None if nothing will.

    Raises:
        SpecError: the spec has errors, or asks for several folds; the message lists all of them.
        DataError: the run directory cannot be written.
    """
    with probe.part("setup"):
        catalog.load()
        document = Document.open(spec, Experiment, overrides)
        compiled = compile_document(document, allow_plugins=allow_plugins)
    require_one_fold(compiled.experiment)
    return start_compiled(
        compiled,
        document.content,
        document.path.parent,
        partial(RunDirectory.create, Path(runs), compiled.experiment.name),
        command=command_of(document, overrides),
        probe=probe,
        stop=stop,
    )
