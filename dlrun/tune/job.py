"""A run that a study wants, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """A run that a study wants.

    Attributes:
        trial: its number, from 0.
        repeat: which of its seeds, from 0.
        epochs: to train, counted from its start; 0 is all that the spec says.
    """

    trial: int
    repeat: int
    epochs: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: ``failed`` where it gave no score to go by.
        reason: in a sentence.
        scores: of the weights that were kept, by name; empty where it failed.
        epochs: that were trained.
        cost: multiply-adds of its training, forward.
        seconds: wall time.
        directory: of the run, in the study's folder ``trials``.
    """

    status: Literal["completed", "failed"]
    reason: str
    scores: Mapping[str, float | None]
    epochs: int
    cost: float
    seconds: float
    directory: str
