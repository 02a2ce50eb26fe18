"""A run as an entry of a collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.collection.in_directory import InDirectory
from dlrun.collection.states import Mode, State


@dataclass(frozen=True, slots=True)
class RunEntry(InDirectory):
    """A run, as its directory shows it at one moment.

    Attributes:
        directory: its path.
        name: of the experiment.
        id: name of the directory; of a fold with that of the cross-validation, ``ID/fold-1``.
        state: how it is.
        created: when it began, seconds since 1970; None if unknown.
        ended: when its last file was written; None while it runs.
        trained: number of trained epochs.
        planned: number of epochs of the spec.
        monitor: the score that determines the best epoch; None if unknown.
        mode: whether lower or higher is better for ``monitor``.
        best: the best value of ``monitor``, of a cross-validation the mean of those of its
            completed folds; None before the first epoch, or before all folds have ended.
        best_epoch: its epoch, from 1; None before the first.
        metrics: scores of the kept weights, or of the last epoch if it has not ended.
        tags: given by the user, sorted.
        note: given by the user.
        spec: every value of the resolved spec by dotted key, as in overrides.
        seconds: duration of the training; None before its end.
        folds: number of folds that it trains; 0 for a single training.
        study: directory of the study it belongs to; None if it belongs to none.
        trial: number in the study, from 0.
        repeat: index of the seed, from 0.
        fold: number in the cross-validation, from 1.
    """

    directory: str
    name: str
    id: str
    state: State
    created: float | None
    ended: float | None
    trained: int
    planned: int | None
    monitor: str | None
    mode: Mode
    best: float | None
    best_epoch: int | None
    metrics: Mapping[str, float | None]
    tags: tuple[str, ...]
    note: str
    spec: Mapping[str, Any]
    seconds: float | None = None
    folds: int = 0
    study: str | None = None
    trial: int | None = None
    repeat: int | None = None
    fold: int | None = None

    @property
    def kind(self) -> str:
        """``run``, or ``folds`` for a cross-validation."""
        return "folds" if self.folds else "run"
