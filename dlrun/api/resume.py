"""Resuming a run without output on the terminal."""

from __future__ import annotations

from os import PathLike

from dlrun.api.run import Run
from dlrun.api.train import finished
from dlrun.experiment.plugins import Allow
from dlrun.launch.resume import resume_run
from dlrun.spec.overrides import Overrides


def resume(
    run: str | PathLike[str],
    overrides: Overrides = (),
    *,
    allow_changes: bool = False,
    allow_plugins: Allow = False,
) -> Run:
    """Continue an interrupted run; a finished one is returned as it is.

    The result is bit-identical to that of a run that was not interrupted.

    Args:
        run: the run directory.
        overrides: values that replace those of keys, such as more ``epochs``.
        allow_changes: whether to resume even if the spec, the data or versions changed.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        SpecError: the spec has errors; the message lists all of them.
        InputError: something has changed that the result depends on.
        DataError: the run cannot be read or written, or another process is training there.
        DivergedError: the run has diverged, before or now.
    """
    return finished(
        resume_run(run, overrides, allow_changes=allow_changes, allow_plugins=allow_plugins)
    )
