"""Whether a study that has begun is the one that its sweep describes now."""

from __future__ import annotations

from typing import Any

from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError
from dlrun.run_directory.json_text import to_json
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.search.suggestion import identity
from dlrun.study.component_text import as_written
from dlrun.study.differences import described
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.state import State
from dlrun.study.sweep.plan import SweepPlan

_WIDENED = ("space", "constraints")
"""Keys that may change while all trials of the study still fit."""
SEARCH = "search"
"""Key of the sampler, which may change: all trials stay comparable, wherever their values come
from."""
_TESTED = frozenset({"looks", "claims", "repeats", *_WIDENED})
_PLANNED = (
    "{} of this study cannot change: with other looks or seeds, or with other claims or trials "
    "after a look, untrue claims would hold more often than their confidence says; restore the "
    "sweep, or give it another name"
)


def check_identity(
    plan: SweepPlan, directory: StudyDirectory, state: State, *, asked: bool
) -> None:
    """Make sure that a study can be continued with a sweep; a new study always can.

    Args:
        plan: the sweep as it is now.
        directory: of the study.
        state: of the study.
        asked: whether its runs are trained by other programs, as with ``dlrun suggest``.

    Raises:
        DataError: the study began with another sweep, spec, data or command.
    """
    before, now = state.identity, plan.identity()
    if before is None:
        return
    if state.asked != asked:
        commands = ("dlrun tune", "dlrun suggest and dlrun report-result")
        raise DataError(
            f"{directory.path}: this study was begun by {commands[state.asked]}; continue it with "
            "the same command"
        )
    free: tuple[str, ...] = (*_WIDENED, SEARCH)
    if state.looks:
        free = (SEARCH,)
    elif isinstance(plan.sweep.prune, ReplacingPruner):
        # Trials that replace each other begin together, with the values of one sampler.
        free = _WIDENED
    changed = [
        key
        for key in dict.fromkeys([*now, *before])
        if key not in free and not _same(key, before.get(key), now.get(key))
    ]
    if "looks" in {*before, *now} and not _TESTED.isdisjoint(changed):
        parts = " and ".join(f"'{key}'" for key in changed if key in _TESTED)
        raise DataError(f"{directory.path}: {_PLANNED.format(parts)}")
    if changed:
        raise DataError(f"{directory.path}: {described(changed, before, now)}")
    for number, suggestion in state.trials():
        if not plan.space.contains(suggestion):
            raise DataError(
                f"{directory.path}: trial {number} of this study is outside the new space "
                f"({to_json(suggestion)}); a space can only be widened"
            )


def _same(key: str, before: Any, now: Any) -> bool:
    """Whether a part of a study's identity is still the same."""
    return same_data(before, now) if key == "data" else identity(before) == identity(now)


def another_sampler(before: str, now: str, first: int) -> str:
    """A line about the change of the sampler of a study.

    Args:
        before: the sampler so far, with its settings.
        now: the new one.
        first: the first trial that it suggests.
    """
    texts = [as_written(text) for text in (now, before)]
    kinds = [text.partition(":")[0] for text in texts]
    new, old = kinds if kinds[0] != kinds[1] else texts
    return f"from trial {first} on, {new} instead of {old}"
