"""A run that a study wants, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import with_config

from dlrun.runs import legacy
from dlrun.runs.ending import Ending
from dlrun.runs.identity import new_id


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


def new_name(job: Job, repeats: int) -> str:
    """A new name for the directory of a run."""
    repeat = f"-{job.repeat + 1}" if repeats > 1 else ""
    return f"{job.trial:04}{repeat}-{new_id()}"


def is_name(name: str, trial: int, repeat: int) -> bool:
    """Whether a name is one that ``new_name`` gives; none of them leads out of its folder."""
    found = _NAME.fullmatch(name)
    return found is not None and (int(found[1]), int(found[2] or 1)) == (trial, repeat + 1)


_NAME = re.compile(r"([0-9]{4,9})(?:-([0-9]{1,6}))?-[0-9]{8}-[0-9]{6}-[a-z0-9]{6}")


@with_config(extra="forbid")
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
        ended_by: what ended it; None where it did not come to an end of its own.
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
    def read(cls, record: Mapping[str, Any]) -> Outcome:
        """What a journal holds, also one of version 0.1."""
        if "ended_by" in record:
            return cls(**{**record, "ended_by": Ending.read(record["ended_by"])})
        status = "stopped" if record["status"] == "completed" else record["status"]
        ended_by = legacy.ending_of(status, record["reason"], record["epochs"])
        return cls(**record, ended_by=ended_by)
