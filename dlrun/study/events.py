"""The events that a study yields while it runs, for the terminal and for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from dlrun.search.suggestion import Suggestion, legible
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.store.trial import Trial


@dataclass(frozen=True, slots=True)
class StudyStarted:
    """The study begins or resumes.

    Attributes:
        name: of the sweep.
        directory: of the study.
        objectives: maximize or minimize by score, the one that runs report first.
        trials: number of trials; None if it is not known in advance.
        repeats: runs of each trial.
        workers: number of processes; 0 if unknown, as in a study that is followed.
        threads: of each process; None if the machine of each decides.
        done: number of runs that ended before.
        earlier: lines about the prior studies that it begins with.
        ended: numbers of the trials that ended before.
        prunes: whether a trial may end before all of its runs are trained in full.
        limits: the limits and rules that may end the study, one line each.
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
    ended: Sequence[int] = ()
    prunes: bool = False
    limits: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BatchStarted:
    """A batch starts: ``runs`` runs of these trials, up to ``epochs``.

    0 stands for all epochs, None for different numbers.
    """

    trials: Mapping[int, Suggestion]
    epochs: int | None
    runs: int


@dataclass(frozen=True, slots=True)
class Looked:
    """The claims were tested after some of the seeds; the study ends if none is open.

    Attributes:
        repeats: number of seeds that all trials have.
        planned: number of seeds at the last look.
        held: claims that hold.
        futile: claims that do not, and that further seeds would hardly show.
        open: claims that further seeds may show.
    """

    repeats: int
    planned: int
    held: Sequence[str]
    futile: Sequence[str]
    open: Sequence[str]


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A run has started; ``attempt`` counts from 1."""

    job: Job
    suggestion: Suggestion
    attempt: int


@dataclass(frozen=True, slots=True)
class JobEpoch:
    """A run has trained ``epoch`` of its ``epochs`` epochs, with this score."""

    job: Job
    epoch: int
    epochs: int
    score: float | None


@dataclass(frozen=True, slots=True)
class JobCrashed:
    """The process of a run has died; ``again`` is whether the run is started again."""

    job: Job
    reason: str
    again: bool


@dataclass(frozen=True, slots=True)
class JobInterrupted:
    """A run was interrupted from outside; it will resume from its last checkpoint.

    It does not use up one of its retries.
    """

    job: Job
    reason: str


@dataclass(frozen=True, slots=True)
class JobNoted:
    """A sentence about a run, for the user."""

    job: Job
    text: str


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A run has ended, with or without a score."""

    job: Job
    outcome: JobOutcome
    score: float | None
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """A trial is completed, pruned or failed."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class TrialForked:
    """A new trial continues the training of another one, with other settings.

    Attributes:
        trial: number of the new trial.
        parent: number of the other trial.
        epochs: that both have in common.
        suggestion: the settings of the new trial.
    """

    trial: int
    parent: int
    epochs: int
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing happened for a moment; displays can refresh.

    Attributes:
        reason: why no run can start, as a sentence; None if one can.
    """

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The time of the runs of a session, up to the end of the last one.

    Attributes:
        predicted: seconds, for as many runs and epochs, from the measurement before the first one.
        taken: seconds that they took.
    """

    predicted: float
    taken: float


@dataclass(frozen=True, slots=True)
class StudyEnded:
    """The study is complete, or was stopped by a request.

    Attributes:
        status: which of the two.
        trials: all trials, by number; those that were started, if a limit or rule ended the study.
        seconds: wall time of this session.
        conclusion: the limit or rule that ended it; None after all trials of its search.
        compared: the predicted time of the runs of this session, and the time that they took; None
            without a time budget, or if no run has ended.
    """

    status: Literal["completed", "stopped"]
    trials: tuple[Trial, ...]
    seconds: float
    conclusion: Conclusion | None = None
    compared: Comparison | None = None


Event = (
    StudyStarted
    | BatchStarted
    | Looked
    | JobStarted
    | JobEpoch
    | JobCrashed
    | JobInterrupted
    | JobNoted
    | JobEnded
    | TrialEnded
    | TrialForked
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
    if isinstance(event, JobStarted | JobEnded | TrialForked):
        fields["suggestion"] = legible(event.suggestion)
    if isinstance(event, BatchStarted):
        fields["trials"] = legible(event.trials)
    return {"event": words.lstrip("_"), **fields}
