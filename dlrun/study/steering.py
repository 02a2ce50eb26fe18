"""Steering a study by hand: values to try, trials to train again, and trials that do not count.

Each is a record of the journal, written under the study's lock, so a study that is continued
follows it like any other event, and nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from dlrun.errors import DataError, InputError
from dlrun.experiment.plugins import Allow
from dlrun.search.point import Setting, read_point
from dlrun.search.suggestion import Suggestion, identity
from dlrun.spec import overrides as override
from dlrun.spec.nodes import plain
from dlrun.spec.origin import InOverride
from dlrun.spec.overrides import Overrides
from dlrun.spec.problems import Problems
from dlrun.study import ask_tell
from dlrun.study.batches import batch
from dlrun.study.independence import obstacle
from dlrun.study.ledger import Ledger
from dlrun.study.propose import complete
from dlrun.study.results import files
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.look import Look
from dlrun.study.store.read_journal import read_journal
from dlrun.study.store.state import State
from dlrun.study.suggest import forgotten
from dlrun.study.sweep.plan import SweepPlan

_PATIENCE = 120.0
"""Seconds to wait for other processes that ask or report at the same time."""
_BUSY = (
    "{}; it cannot be changed while it runs: stop it (Ctrl-C), change it, and run its command again"
)


def enqueue(
    path: Path, values: Overrides, *, allow_plugins: Allow = False
) -> tuple[int, Suggestion]:
    """Add a trial with values that the user chooses, on top of those that the search asks for.

    The sampler draws the values of keys that are not named.  Points that the sweep tries first get
    their numbers before, if they have none yet.

    Args:
        path: the study directory.
        values: by key of the space.
        allow_plugins: whether the Python files that its spec names may run.

    Returns:
        The number of the trial, and all of its values.

    Raises:
        SpecError: a value is not in the space, or the spec does not accept it.
        InputError: there is such a trial already, nothing is chosen, or trials continue each other.
        DataError: the study does not exist, or a process runs it.
    """
    with _opened(path, allow_plugins) as ledger:
        plan, state = ledger.plan, ledger.state
        point = _point(plan, values)
        if plan.first and not state.size:
            batch(ledger, 0)  # with the points of the sweep, which are always its first trials
        for number, before in state.trials():
            if identity(before) == identity(point):
                raise InputError(f"{path}: {_tried(ledger, number)}")
        found = ledger.trials()
        past = [trial for trial in found if trial.ended]
        ended = {trial.number for trial in past} | state.forgotten
        pending = [each for number, each in state.trials() if number not in ended]
        suggestion = complete(
            plan, state.prior_trials, past, pending, point, state.size, forgotten(state)
        )
        if suggestion is None:
            what = "no new values are left for the keys that are not named"
            raise InputError(f"{path}: {what}; name them, or name other values")
        plan.check([suggestion])
        reason = plan.unaffordable(suggestion)
        if reason:
            raise InputError(f"{path}: this trial would be infeasible: {reason}")
        plan.compile(suggestion, 0)
        number = state.size
        ledger.record({"event": "enqueued", "suggestions": [suggestion]})
        return number, suggestion


def rerun(path: Path, trials: Sequence[int], *, allow_plugins: Allow = False) -> None:
    """Train trials again from the start; their earlier results stay in the journal and on the disk.

    Args:
        path: the study directory.
        trials: their numbers, from 0.
        allow_plugins: whether the Python files that its spec names may run.

    Raises:
        InputError: the study has no such trial, or it has not been trained yet.
        DataError: the study does not exist, or a process runs it.
    """
    with _opened(path, allow_plugins) as ledger:
        state = ledger.state
        waiting = {job.trial for job in state.started} if state.asked else set[int]()
        trained = {trial for trial, _ in state.directories} | {job.trial for job in state.outcomes}

        def why_not(trial: int) -> str:
            if trial in waiting:
                return f"a run of trial {trial} waits for its result; report it, or that it is lost"
            return "" if trial in trained else f"trial {trial} has not been trained yet"

        for trial in _checked(ledger, trials, why_not):
            ledger.record({"event": "rerun", "trial": trial})


def forget(path: Path, trials: Sequence[int], *, allow_plugins: Allow = False) -> None:
    """Leave trials out of sampler, ranking and statistics; nothing is deleted.

    The sampler does not suggest their values again.

    Args:
        path: the study directory.
        trials: their numbers, from 0.
        allow_plugins: whether the Python files that its spec names may run.

    Raises:
        InputError: the study has no such trial, or it is forgotten already.
        DataError: the study does not exist, or a process runs it.
    """
    _count(path, trials, allow_plugins, counted=False)


def remember(path: Path, trials: Sequence[int], *, allow_plugins: Allow = False) -> None:
    """Let trials that were forgotten count again.

    Args:
        path: the study directory.
        trials: their numbers, from 0.
        allow_plugins: whether the Python files that its spec names may run.

    Raises:
        InputError: the study has no such trial, or it is not forgotten.
        DataError: the study does not exist, or a process runs it.
    """
    _count(path, trials, allow_plugins, counted=True)


def _count(path: Path, trials: Sequence[int], allow_plugins: Allow, *, counted: bool) -> None:
    """Record that trials count from now on, or that they do not."""
    with _opened(path, allow_plugins) as ledger:
        gone = ledger.state.forgotten

        def why_not(trial: int) -> str:
            if counted == (trial in gone):
                return ""
            return f"trial {trial} is {'not forgotten' if counted else 'forgotten already'}"

        known = _checked(ledger, trials, why_not)
        if counted:
            ledger.remember(known)
        else:
            ledger.record({"event": "forgotten", "trials": known})


@contextmanager
def _opened(path: Path, allow_plugins: Allow) -> Iterator[Ledger]:
    """The ledger of a study, with its lock held; its results are written at the end."""
    asked = State.replay(read_journal(StudyDirectory.open(path).journal_file)).asked
    plan, directory = ask_tell.reopen(path, allow_plugins=allow_plugins)
    try:
        lock = directory.lock(_PATIENCE) if asked else directory.lock()
    except DataError as error:
        if _cannot_be_written(error):
            raise
        raise DataError(_BUSY.format(error)) from None
    try:
        with closing(Ledger(plan, directory, asked=asked)) as ledger:
            _need_independent(ledger, ())
            ledger.begin()
            _need_independent(ledger, ledger.state.looks)
            yield ledger
            files.write(plan, ledger.state, directory)
    finally:
        directory.release(lock)


def _cannot_be_written(error: DataError) -> bool:
    """Whether the disk refuses the lock; otherwise another process has it."""
    cause = error.__cause__
    return isinstance(cause, OSError) and not isinstance(cause, BlockingIOError)


def _need_independent(ledger: Ledger, looks: Sequence[Look]) -> None:
    """Make sure that the trials of a study can be changed one by one.

    Raises:
        InputError: they cannot.
    """
    if reason := obstacle(ledger.plan.sweep, looks):
        raise InputError(f"{ledger.directory.path}: {reason}")


def _point(plan: SweepPlan, values: Overrides) -> Suggestion:
    """The values that the user chooses.

    Raises:
        SpecError: one is not in the space.
        InputError: there are none.
    """
    problems = Problems()
    given = override.read(values, problems)
    settings = [
        Setting(".".join(each.path), plain(each.value), each.origin, each.origin) for each in given
    ]
    whole = InOverride(" ".join(each.shown for each in given))
    point = read_point(plan.space, settings, whole, problems)
    problems.raise_if_any()
    if not point:
        raise InputError(f"name values to try, such as {plan.space.keys[0]}=VALUE")
    return point


def _tried(ledger: Ledger, number: int) -> str:
    """Why the values of a trial cannot be enqueued, and what to do."""
    status = {trial.number: trial.status for trial in ledger.trials()}.get(number)
    match status:
        case None:
            return f"trial {number} has these values; it is trained when 'trials' is raised"
        case "unfinished":
            return f"trial {number} has these values, and will be trained"
        case "infeasible" if number in ledger.state.skipped:
            return f"trial {number} has these values: {ledger.state.infeasible[number]}"
        case "forgotten":
            return f"trial {number} has these values; --remember {number} lets it count again"
    return f"trial {number} has these values; --rerun {number} trains it again"


def _checked(ledger: Ledger, trials: Sequence[int], why_not: Callable[[int], str]) -> list[int]:
    """The numbers of trials, once each.

    Raises:
        InputError: one does not exist, or cannot be changed.
    """
    known = [trial.number for trial in ledger.trials()]
    for trial in trials:
        what = why_not(trial) if trial in known else _unknown(trial, known)
        if what:
            raise InputError(f"{ledger.directory.path}: {what}")
    return list(dict.fromkeys(trials))


def _unknown(trial: int, known: Sequence[int]) -> str:
    last = f"its trials are 0 to {known[-1]}" if known else "it has no trials yet"
    return f"the study has no trial {trial}; {last}"
