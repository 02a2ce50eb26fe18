"""A run that a study requests, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import with_config

from dlrun.run_directory import legacy
from dlrun.run_directory.ending import Ending
from dlrun.run_directory.identity import new_id, trial_of


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """A run that a study requests.

    Attributes:
        trial: number of the trial, from 0.
        repeat: index of the seed, from 0.
        epochs: to train, counted from the start of the run; 0 for all epochs of the spec.
    """

    trial: int
    repeat: int
    epochs: int = 0


def new_name(job: Job, repeats: int) -> str:
    """A new name for the directory of a run."""
    repeat = f"-{job.repeat + 1}" if repeats > 1 else ""
    return f"{job.trial:04}{repeat}-{new_id()}"


def is_name(name: str, trial: int, repeat: int) -> bool:
    """Whether ``new_name`` could return a name; such a name cannot lead out of its folder."""
    return trial_of(name) == (trial, repeat)


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a run ended.

    Attributes:
        status: ``failed`` if the run has no usable score.
        reason: why it ended, as a sentence.
        scores: of the weights that were kept, by name; empty for a failed run.
        epochs: number of trained epochs.
        cost: multiply-adds of all forward passes of the training.
        seconds: wall time.
        directory: name of the run's directory in the study's folder ``trials``.
        ended_by: what ended the training; None if it did not end normally.
    """

    status: Literal["completed", "failed"]
    reason: str
    scores: Mapping[str, float | None]
    epochs: int
    cost: float
    seconds: float
    directory: str
    ended_by: Ending | None = None

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> JobOutcome:
        """The outcome in a record of a journal, also of one that version 0.1 wrote."""
        if "ended_by" in record:
            return cls(**{**record, "ended_by": Ending.read(record["ended_by"])})
        status = "stopped" if record["status"] == "completed" else record["status"]
        ended_by = legacy.ending_of(status, record["reason"], record["epochs"])
        return cls(**record, ended_by=ended_by)
