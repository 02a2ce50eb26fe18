"""A study as an entry of a collection."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlrun.collection.in_directory import InDirectory
from dlrun.collection.states import Mode, State


@dataclass(frozen=True, slots=True)
class StudyEntry(InDirectory):
    """A study, as its directory shows it at one moment.

    Attributes:
        directory: its path.
        name: of the sweep.
        state: how it is.
        created: when its first run began, seconds since 1970; None before.
        ended: when its journal was last written; None while it runs.
        objectives: each with its score and whether lower or higher is better.
        trials: number of those suggested trials that its sweep asks for; here and below, without
            those that are not trained because of their costs.
        planned: number of trials that its sweep asks for; None if the space decides.
        done, failed, running: number of trials that have ended with a score or were pruned, that
            failed, and that are being trained now.
        best: mean score of the best trial; None if no trial is completed, or with several
            objectives.
        best_trial: its number.
        suggestion: its values by key of the spec.
        tags, note: given by the user.
    """

    directory: str
    name: str
    state: State
    created: float | None
    ended: float | None
    objectives: tuple[tuple[str, Mode], ...]
    trials: int
    planned: int | None
    done: int
    failed: int
    running: int
    best: float | None
    best_trial: int | None
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def kind(self) -> str:
        """``study``."""
        return "study"

    @property
    def id(self) -> str:
        """Name of its directory."""
        return os.path.basename(self.directory)  # noqa: PTH119

    @property
    def monitor(self) -> str | None:
        """The objective; None if there are several."""
        return self.objectives[0][0] if len(self.objectives) == 1 else None

    @property
    def mode(self) -> Mode:
        """Whether lower or higher is better for the first objective."""
        return self.objectives[0][1]

    @property
    def metrics(self) -> Mapping[str, float | None]:
        """The score of its best trial."""
        return {} if self.monitor is None else {self.monitor: self.best}

    @property
    def spec(self) -> Mapping[str, Any]:
        """The values of its best trial."""
        return self.suggestion
