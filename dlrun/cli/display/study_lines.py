"""The events of a study as lines of plain text."""

from __future__ import annotations

from dlrun.quantities import count, count_each, duration
from dlrun.search.suggestion import Suggestion
from dlrun.spec.flow import setting
from dlrun.study.events import (
    BatchStarted,
    Comparison,
    Event,
    JobCrashed,
    JobEnded,
    JobInterrupted,
    JobNoted,
    Looked,
    StudyEnded,
    StudyStarted,
    TrialEnded,
    TrialForked,
    Waiting,
)
from dlrun.study.results.numbers import brief, valued
from dlrun.study.results.order import ORDER
from dlrun.study.store.job import Job


class StudyLines:
    """Call it with each event of a study, in order; it returns the lines to print."""

    def __init__(self) -> None:
        self._repeats = 1
        self._score = ""
        self._waits: str | None = None

    def __call__(self, event: Event) -> list[str]:
        """Lines for the event; none for frequent events."""
        match event:
            case StudyStarted():
                return self._started(event)
            case BatchStarted(trials, epochs, runs):
                until = f" up to epoch {epochs}" if epochs else ""
                if epochs is None:
                    until = ", each up to its next rung"
                return [f"next: {count(len(trials), 'trial')}{until}, {count(runs, 'run')}"]
            case Looked(known, planned, held, futile, still_open):
                decided = f"held {len(held)}, not held {len(futile)}, open {len(still_open)}"
                return [f"look after {known} of {count(planned, 'seed')}: claims {decided}"]
            case JobCrashed(job, reason, again):
                return [f"{self.named(job)}: {reason}{'; trying again' if again else ''}"]
            case JobInterrupted(job, reason):
                return [f"{self.named(job)}: {reason}; it will resume from its last checkpoint"]
            case JobNoted(job, text):
                return [f"{self.named(job)}: {text}"]
            case JobEnded():
                return [self._job(event)]
            case TrialEnded(trial) if trial.status == "pruned" and trial.estimate is not None:
                mean = valued(self._score, trial.estimate.mean)
                trained = count(trial.epochs, "epoch")
                return [f"trial {trial.number} pruned after {trained}: {self._score} {mean}"]
            case TrialEnded(trial) if trial.status == "eliminated" and trial.estimate is not None:
                mean = valued(self._score, trial.estimate.mean)
                seeds = count(len(trial.runs), "seed")
                return [f"trial {trial.number} eliminated after {seeds}: {self._score} {mean}"]
            case TrialEnded(trial) if trial.status == "infeasible":
                return [f"trial {trial.number} infeasible: {trial.reason}"]
            case TrialForked(trial, parent, epochs, suggestion):
                text = f"trial {trial} continues trial {parent} after {count(epochs, 'epoch')}"
                return [f"{text}  {described(suggestion)}"]
            case StudyEnded():
                return self._ended(event)
            case Waiting(text) if text != self._waits:
                self._waits = text
                return [] if text is None else [text]
            case _:
                return []

    def named(self, job: Job) -> str:
        """The name of a run, such as trial 3 seed 1/2."""
        repeat = f" seed {job.repeat + 1}/{self._repeats}" if self._repeats > 1 else ""
        return f"trial {job.trial}{repeat}"

    def _started(self, event: StudyStarted) -> list[str]:
        self._repeats, self._score = event.repeats, next(iter(event.objectives))
        goals = ", ".join(f"{way} {score}" for score, way in event.objectives.items())
        trials = "" if event.trials is None else f"  {count(event.trials, 'trial')}"
        repeats = threads = ""
        if event.repeats > 1:
            repeats = f" with {count_each(event.repeats, 'seed', event.trials)}"
        if event.threads is not None:
            threads = f" with {count_each(event.threads, 'thread', event.workers)}"
        done = f"  {count(event.done, 'run')} done earlier" if event.done else ""
        return [
            f"{event.name}  {goals}{trials}{repeats}",
            *([f"{count(event.workers, 'worker')}{threads}{done}"] if event.workers else []),
            f"study directory  {event.directory}",
            *event.limits,
            *event.earlier,
        ]

    def _job(self, event: JobEnded) -> str:
        outcome = event.outcome
        if outcome.status == "failed":
            return f"{self.named(event.job)} failed: {outcome.reason}"
        assert event.score is not None
        cost = f"{count(outcome.epochs, 'epoch')}  {duration(outcome.seconds)}"
        values = described(event.suggestion)
        score = f"{self._score} {valued(self._score, event.score)}"
        return f"{self.named(event.job)}  {score}  {cost}  {values}"

    def _ended(self, event: StudyEnded) -> list[str]:
        parts = [
            f"{sum(each.status == status for each in event.trials)} {status}"
            for status in ORDER
            if any(each.status == status for each in event.trials)
        ]
        line = f"{event.status} after {duration(event.seconds)}: {', '.join(parts) or 'no trial'}"
        hint = "; run the same command to continue" if event.status == "stopped" else ""
        why = [] if event.conclusion is None else [f"ended by {event.conclusion.sentence}"]
        return [f"{line}{hint}", *why, *_compared(event.compared)]


def _compared(compared: Comparison | None) -> list[str]:
    """How right the prediction was."""
    if compared is None:
        return []
    change = 100 * (compared.taken / compared.predicted - 1)
    more = f"{abs(change):.0f} % {'more' if change > 0 else 'less'}"
    return [
        f"predicted {duration(compared.predicted)} for these runs, which took "
        f"{duration(compared.taken)} ({more})"
    ]


def described(suggestion: Suggestion) -> str:
    """A trial's values on a line; keys are shortened to their last part if it is unique."""
    names = brief(list(suggestion))
    return " ".join(
        f"{name}={setting(value)}" for name, value in zip(names, suggestion.values(), strict=True)
    )
