"""What a study yields while it runs. Terminal and files only consume these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from dlrun.search.suggestion import Suggestion, legible
from dlrun.study.store.job import Job, Outcome
from dlrun.study.store.trials import Trial


@dataclass(frozen=True, slots=True)
class StudyStarted:
    """The study is about to go on, or to begin.

    Attributes:
        name: of the sweep.
        directory: of the study.
        objectives: maximize or minimize by score, the one that runs report first.
        trials: that there are to be; None where only the search can say.
        repeats: of each.
        workers: how many processes.
        threads: that each may use; None where the machine of each decides.
        done: runs that have ended before.
        earlier: a line on each earlier study that it begins with.
    """

    name: str
    directory: Path
    objectives: Mapping[str, str]
    trials: int | None
    repeats: int
    workers: int
    threads: int | None
    done: int
    earlier: Sequence[str]


@dataclass(frozen=True, slots=True)
class BatchStarted:
    """The next runs are known: ``runs`` of these trials, up to ``epochs``.

    0 is all epochs, and None where it is not the same for all trials.
    """

    trials: Mapping[int, Suggestion]
    epochs: int | None
    runs: int


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A run has begun, ``attempt`` counting from 1."""

    job: Job
    suggestion: Suggestion
    attempt: int


@dataclass(frozen=True, slots=True)
class JobEpoch:
    """A run has come to an epoch, of so many, with this score."""

    job: Job
    epoch: int
    epochs: int
    score: float | None


@dataclass(frozen=True, slots=True)
class JobCrashed:
    """The process of a run is gone; whether it is tried again."""

    job: Job
    reason: str
    again: bool


@dataclass(frozen=True, slots=True)
class JobInterrupted:
    """A run was cut off from outside; it resumes from its last checkpoint, at no cost."""

    job: Job
    reason: str


@dataclass(frozen=True, slots=True)
class JobNoted:
    """Something that the user should know of a run, in a sentence."""

    job: Job
    text: str


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A run has ended, with a score or without."""

    job: Job
    outcome: Outcome
    score: float | None
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """A trial is completed, pruned or failed."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing happened for a moment: time to draw.

    Attributes:
        reason: why no run can begin, in words; None where one can.
    """

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StudyEnded:
    """Nothing is left to do, or the study was asked to stop.

    Attributes:
        status: which of the two.
        trials: all, by number.
        seconds: wall time of this session.
    """

    status: Literal["completed", "stopped"]
    trials: tuple[Trial, ...]
    seconds: float


Event = (
    StudyStarted
    | BatchStarted
    | JobStarted
    | JobEpoch
    | JobCrashed
    | JobInterrupted
    | JobNoted
    | JobEnded
    | TrialEnded
    | Waiting
    | StudyEnded
)


def as_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object, with its name under ``event``."""
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(event).__name__)
    fields = asdict(event)
    if isinstance(event, TrialEnded):
        fields["trial"]["suggestion"] = legible(event.trial.suggestion)
    if isinstance(event, StudyEnded):
        for trial, plain in zip(event.trials, fields["trials"], strict=True):
            plain["suggestion"] = legible(trial.suggestion)
    if isinstance(event, JobStarted | JobEnded):
        fields["suggestion"] = legible(event.suggestion)
    if isinstance(event, BatchStarted):
        fields["trials"] = legible(event.trials)
    return {"event": words.lstrip("_"), **fields}
