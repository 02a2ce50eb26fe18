"""How a run ended, and the commands that continue, repeat or use it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.collection.run_entry import RunEntry
from dlrun.collection.study_entry import StudyEntry
from dlrun.errors import DataError
from dlrun.redact import redacted
from dlrun.run_directory.access import present
from dlrun.run_directory.earlier import at_first
from dlrun.run_directory.reduced import what_was_deleted

_RESUMABLE = ("stopped", "killed", "failed")
"""States of a run that ``dlrun resume`` trains further."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that can be done.

    Attributes:
        purpose: what for.
        command: for a shell.
    """

    purpose: str
    command: str


def reason(entry: RunEntry, result: Mapping[str, Any]) -> str:
    """How a run ended, as a sentence.

    Args:
        entry: of the run.
        result: the content of result.json; empty without one.
    """
    if "reason" in result:
        return str(result["reason"])
    match entry.state:
        case "running":
            return "a process is training it"
        case "killed" if entry.folds:
            return "no result and no process: it was killed before its last fold ended"
        case "killed":
            return f"no result and no process: it was killed after epoch {entry.trained}"
    return "no result and no process: it ended before the end of its first epoch"


def advice(entry: RunEntry, ended_by: str | None) -> str:
    """What to do next, as a sentence; empty if nothing has to be done.

    Args:
        entry: of the run.
        ended_by: the kind of its ending; None without a result.
    """
    if entry.state == "diverged":  # its reason says what to change in the spec
        is_set = any(key.startswith("on_divergence.") for key in entry.spec)
        return "" if is_set else "with on_divergence, training restarts from earlier weights"
    if entry.state not in _RESUMABLE:
        return ""
    if entry.study is None:
        why = "; log.txt may contain the reason" if entry.state == "failed" else ""
        return f"resume with: dlrun resume {_word(entry.directory)}{why}"
    if ended_by in ("pruned", "rung"):
        return "its study stopped it; nothing has to be done"
    return "its study continues it: run the dlrun tune command of the study again"


def next_steps(entry: RunEntry, result: Mapping[str, Any]) -> tuple[Step, ...]:
    """Commands that continue a run, use it, or train it again, as far as its files are present.

    Args:
        entry: of the run.
        result: the content of result.json; empty without one.
    """
    run = _word(entry.directory)
    resolved = _word(os.path.join(entry.directory, "resolved.yaml"))  # noqa: PTH118
    steps: list[Step] = []
    path = Path(entry.directory)
    can_resume = entry.study is None and _has_its_state(path)
    if entry.state in _RESUMABLE and can_resume:
        steps.append(Step("resume", f"dlrun resume {run}"))
    if entry.folds:
        steps.append(Step("one of its folds", f"dlrun show {run}/fold-1"))
        steps.append(Step("train all folds again", f"dlrun train {resolved}"))
        return tuple(steps)
    ended = entry.state in ("done", "early-stopped", "stopped", "diverged")
    if entry.state == "done" and entry.planned and can_resume:
        more = f"dlrun resume {run} epochs={2 * entry.planned}"
        steps.append(Step("train longer", more))
    if ended and present(path / "checkpoints" / f"{result.get('weights')}.safetensors"):
        steps.append(Step("score the saved weights again", f"dlrun evaluate {run}"))
    is_fork = present(path / "fork.json")  # its spec alone does not lead to its weights
    if ended and not is_fork and (entry.trained or entry.state != "stopped"):
        steps.append(Step("train again and compare every number", f"dlrun verify {run}"))
    seed = entry.spec.get("seed")
    if isinstance(seed, int) and not isinstance(seed, bool):
        same = f"train the same spec with seed {seed} as a new run"
        steps.append(Step(same, f"dlrun train {resolved}"))
        steps.append(Step("with another seed", f"dlrun train {resolved} seed={seed + 1}"))
    else:
        steps.append(Step("train the same spec as a new run", f"dlrun train {resolved}"))
    return tuple(steps)


def _has_its_state(path: Path) -> bool:
    """Whether no training state of a run has been deleted; a broken manifest cannot be resumed."""
    try:
        return what_was_deleted(path / "checkpoints", "last") is None
    except DataError:
        return False


def study_steps(entry: StudyEntry) -> tuple[Step, ...]:
    """Commands that show the results of a study."""
    study = _word(entry.directory)
    steps = [
        Step("leaderboard, intervals, importance and pictures", f"dlrun study {study}"),
        Step("its runs", f"dlrun runs {study}"),
    ]
    if entry.best_trial is not None:
        best = _word(f"{entry.directory}#{entry.best_trial}")
        steps.append(Step("the run of the best trial", f"dlrun show {best}"))
    return tuple(steps)


def started_by(entry: RunEntry) -> str:
    """What started the run of a study, in words; empty for other runs."""
    if entry.study is None:
        return ""
    return f"dlrun tune, as trial {entry.trial} of the study {entry.study}"


def command_line(entry: RunEntry, environment: Mapping[str, Any]) -> str:
    """The command that started a run, for a shell, without the path of Python.

    Returns:
        Empty if it is unknown, and for the run of a study, which no command started alone.
    """
    words = at_first(environment, "command")
    if entry.study is not None or not isinstance(words, list):
        return ""
    if not all(isinstance(word, str) for word in words):
        return ""
    return redacted(shlex.join(_after_python(words)))


def _after_python(words: Sequence[str]) -> Sequence[str]:
    for place, word in enumerate(words):
        name = os.path.basename(word)  # noqa: PTH119
        started_as = [each for each in words[:place] if each == "-m"]
        if name == "dlrun" and (place < 2 or started_as):
            return ["dlrun", *words[place + 1 :]]
    return words


def _word(path: str) -> str:
    return shlex.quote(f"./{path}" if path.startswith("-") else path)
