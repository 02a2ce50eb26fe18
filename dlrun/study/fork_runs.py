"""The run directories of trials that continue the training of others."""

from __future__ import annotations

from collections.abc import Iterable

from dlrun.errors import DataError
from dlrun.inference.checkpoint_content import TRAINING
from dlrun.launch.description import resolved_text
from dlrun.run_directory.access import present
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.fork import make_fork
from dlrun.study.ledger import Ledger
from dlrun.study.sweep.training_form import difference, form

_STEPS = f"{TRAINING}course.steps"
"""Name of the array with the steps since the last epoch in a checkpoint."""


def make_forks(ledger: Ledger, trials: Iterable[int]) -> None:
    """Make the run directories of forks; those that are complete stay as they are.

    It is called before any run is trained beyond the epoch of the forks, so it can be repeated.

    Args:
        ledger: of the study, whose journal has the forks.
        trials: their numbers.

    Raises:
        DataError: a parent's checkpoint is missing, broken or of another epoch, or the new settings
            do not fit it.
    """
    plan, state, directory = ledger.plan, ledger.state, ledger.directory
    for trial in trials:
        fork = state.forks[trial]
        checked = False
        for repeat in range(plan.sweep.repeats):
            run = directory.run(state.directories[trial, repeat])
            if present(run.fork_file):
                continue
            parent = directory.run(state.directories[fork.parent, repeat])
            _need_checkpoint(parent, run, fork.epochs)
            compiled = plan.compile(state.suggestion(trial), repeat)
            if not checked:  # the values of a single key were checked before the first trial
                before = plan.compile(state.suggestion(fork.parent), repeat)
                what = difference(form(before), form(compiled))
                if what:
                    raise DataError(
                        f"{run.path}: trial {trial} cannot continue trial {fork.parent}: its "
                        f"combination of values {what}; remove a key from the space"
                    )
                checked = True
            text = resolved_text(compiled, plan.base.folder)
            make_fork(parent, run.path, text, fork.parent, fork.epochs)


def _need_checkpoint(parent: RunDirectory, run: RunDirectory, epoch: int) -> None:
    """Make sure that a run has the whole training state after an epoch.

    Args:
        parent: the run.
        run: that continues it, for the message.
        epoch: the last one that both have in common.
    """
    weights = parent.load_weights("last", lambda name: name == _STEPS)
    found, steps = weights.metadata.get("epoch"), weights.arrays.get(_STEPS)
    if found != epoch or steps is None or steps.item():
        raise DataError(
            f"{run.path}: cannot continue {parent.path.name} after epoch {epoch}, because its "
            f"checkpoint is of another time; restore one of the two, or run the sweep under "
            "another name"
        )
