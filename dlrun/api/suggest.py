"""Asking a study for the next values to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.errors import InputError
from dlrun.experiment.plugins import Allow
from dlrun.search.suggestion import legible
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.study import ask_tell


@dataclass(frozen=True, slots=True)
class Suggested:
    """A run to train.

    Attributes:
        run: the name for ``report_result``: ``3``, or ``3-2`` for the second seed of trial 3.
        trial, repeat: both counted from 0.
        study: the study directory.
        settings: values by key of the spec.
        overrides: the same as ``key=value``, one word each in a shell.
    """

    run: str
    trial: int
    repeat: int
    study: Path
    settings: Mapping[str, Any]
    overrides: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The object that ``dlrun suggest --json`` prints."""
        return {
            "run": self.run,
            "trial": self.trial,
            "repeat": self.repeat,
            "study": str(self.study),
            "settings": legible(self.settings),
            "overrides": self.overrides,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """A study's answer.

    Attributes:
        study: the study directory.
        suggested: the next run; None if the study has no more.
        pending: names of the runs that were suggested and not reported, if none is suggested now.
        reason: the limit or rule that ended the study, as text; empty without one.
    """

    study: Path
    suggested: Suggested | None
    pending: tuple[str, ...]
    reason: str = ""


def suggest(
    study: Given,
    overrides: Overrides = (),
    *,
    out: str | Path | None = None,
    allow_plugins: Allow = False,
) -> Suggested | None:
    """The next values that a study suggests to try (ask); ``report_result`` reports their score.

    Any number of processes may ask at the same time.

    Args:
        study: path or content of a sweep, which begins a study or continues it; or the path of a
            study directory.
        overrides: values that replace those of keys of the sweep.
        out: the study directory; None is ``studies/<name>``.
        allow_plugins: whether the Python files that the spec names may run.

    Returns:
        None if the study has no more runs to suggest.

    Raises:
        SpecError: the sweep has errors, or has keys that only ``tune`` supports.
        InputError: ``overrides`` or ``out`` is given with a study directory.
        DataError: the study was begun with another sweep, or is in use for too long.
    """
    return ask(study, overrides, out=out, allow_plugins=allow_plugins).suggested


def ask(
    study: Given,
    overrides: Overrides = (),
    *,
    out: str | Path | None = None,
    allow_plugins: Allow = False,
) -> Answer:
    """As ``suggest``, with the study directory and the runs that are not reported yet."""
    if not isinstance(study, Mapping) and (path := Path(study)).is_dir():
        if overrides or out is not None:
            raise InputError(f"{path} is a study; overrides and --out are for a sweep")
        plan, directory = ask_tell.reopen(path, allow_plugins=allow_plugins)
    else:
        place = None if out is None else Path(out)
        plan, directory = ask_tell.begin(study, overrides, place, allow_plugins=allow_plugins)
    asked = ask_tell.ask(plan, directory)
    if asked is None:
        pending, conclusion = ask_tell.under_way(plan, directory)
        reason = "" if conclusion is None else conclusion.sentence
        return Answer(directory.path, None, tuple(pending), reason)
    suggested = Suggested(
        asked.name,
        asked.trial,
        asked.repeat,
        directory.path,
        asked.settings,
        tuple(asked.overrides),
    )
    return Answer(directory.path, suggested, ())
