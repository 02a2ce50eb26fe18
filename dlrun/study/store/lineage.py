"""The settings by epochs of a trial that continued the training of another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dlrun.search.suggestion import Suggestion


@dataclass(frozen=True, slots=True)
class Fork:
    """Where the training of a trial branched off from that of another one.

    Attributes:
        parent: number of the other trial.
        epochs: that both have in common.
    """

    parent: int
    epochs: int


@dataclass(frozen=True, slots=True)
class Phase:
    """Epochs of a training with the same settings.

    Attributes:
        trial: the trial that trained them.
        first: the first epoch, from 1.
        last: the last epoch.
        settings: values by key of the space.
    """

    trial: int
    first: int
    last: int
    settings: Suggestion


def schedule(
    forks: Mapping[int, Fork], settings: Mapping[int, Suggestion], trial: int, epochs: int
) -> list[Phase]:
    """The phases of the training that led to the weights of a trial, from the first epoch.

    Args:
        forks: by trial; a trial that is missing began with initial weights.
        settings: of all trials.
        trial: number of the trial.
        epochs: that it has, with those of the trials that it continued.
    """
    found: list[Phase] = []
    last = epochs
    while True:
        fork = forks.get(trial)
        first = 1 if fork is None else fork.epochs + 1
        if last >= first:
            found.append(Phase(trial, first, last, settings[trial]))
        if fork is None:
            return found[::-1]
        trial, last = fork.parent, min(last, fork.epochs)
