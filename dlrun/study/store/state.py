"""The state of a study in memory: the content of its journal, record by record.

The file is longer than 300 lines because every kind of record changes the same state, and their
effects on each other are seen best in one place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from dlrun.intervals import UNKNOWN, Scale
from dlrun.run_directory.circumstances import Circumstances
from dlrun.search.suggestion import Suggestion
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.store.journal import Record
from dlrun.study.store.lineage import Fork
from dlrun.study.store.look import Look
from dlrun.study.store.prior_trials import KnownTrial, PriorTrials

Rungs = dict[int, dict[int, JobOutcome]]
"""The outcomes of a trial, by the epochs of the rung and the repeat."""
_NO_RESULT = (
    *("started", "crashed", "interrupted", "time", "concluded", "places", "widened"),
    "circumstances",
)
"""Records on which the results of no trial depend."""
_OF_ALL = ("study", "scales", "sampler", "looked")
"""Records on which the results of all trials can depend."""


@dataclass(slots=True)
class State:
    """All records of a journal, applied in order.

    Attributes:
        identity: what the study was begun with; None before it has begun.
        asked: whether its runs are trained by other programs, as with ``dlrun suggest``.
        folder: where relative paths in its spec start.
        scales: range and resolution of scores, by name; empty if an older version began the study.
        places: where the user has written every dimension, by key; empty if an older version began
            the study.
        prior_trials: trials that it took from other studies.
        batches: of suggestions, in order; a batch may have more trials than are requested now.
        outcomes: of runs that have ended.
        directories: names of the runs' directories, by trial and repeat.
        started: names of the directories of runs that were started and have not ended.
        crashes: why earlier attempts at a run ended without an outcome.
        pruned: epochs after which trials were pruned, by trial.
        eliminated: number of repeats after which trials were eliminated, by trial.
        looks: at the claims, in order.
        promoted: epochs of the rung to which trials continue, by trial; 0 for the end.
        seconds: of its time budget that are used.
        conclusion: the limit or rule that ended it; None while it runs, or after all trials.
        forks: trials that continue the training of another one, by trial.
        enqueued: trials whose values the user chose while the study existed.
        infeasible: why trials do not meet the limits of the sweep, by trial.
        skipped: those of them that are not trained, because their costs decide.
        forgotten: trials that do not count.
        rerun: how often trials were trained again from the start, by trial.
        replaced: outcomes of runs that do not count, because their trial is trained again; one
            mapping each time.
        samplers: those that suggested trials, with their settings, by the first of their trials.
        circumstances: all different ones in which runs were trained.
        revision: number of records so far that the results of a trial can depend on.
    """

    identity: dict[str, Any] | None = None
    asked: bool = False
    folder: str = ""
    scales: dict[str, Scale] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    prior_trials: PriorTrials = field(default_factory=PriorTrials)
    batches: list[list[Suggestion]] = field(default_factory=list)
    outcomes: dict[Job, JobOutcome] = field(default_factory=dict)
    directories: dict[tuple[int, int], str] = field(default_factory=dict)
    started: dict[Job, str] = field(default_factory=dict)
    crashes: dict[Job, list[str]] = field(default_factory=lambda: defaultdict(list))
    pruned: dict[int, int] = field(default_factory=dict)
    eliminated: dict[int, int] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    promoted: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    conclusion: Conclusion | None = None
    forks: dict[int, Fork] = field(default_factory=dict)
    enqueued: set[int] = field(default_factory=set)
    infeasible: dict[int, str] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    forgotten: set[int] = field(default_factory=set)
    rerun: dict[int, int] = field(default_factory=dict)
    replaced: list[dict[Job, JobOutcome]] = field(default_factory=list)
    samplers: dict[int, str] = field(default_factory=dict)
    circumstances: list[Circumstances] = field(default_factory=list)
    revision: int = 0
    _rungs: dict[int, Rungs] = field(default_factory=dict)
    _revisions: dict[int, int] = field(default_factory=dict)
    _renewed: int = 0
    _changes: dict[int, str] = field(default_factory=dict)

    @classmethod
    def replay(cls, records: Sequence[Record]) -> State:
        """The state after all records."""
        state = cls()
        for record in records:
            state.apply(record)
        return state

    def apply(self, record: Record) -> None:
        """Apply a record."""
        if record["event"] not in _NO_RESULT:
            self.revision += 1
            of_one = [record["trial"]] if "trial" in record else []
            several = record.get("trials", record.get("replaced", of_one))
            self._revisions |= dict.fromkeys(several, self.revision)
            if record["event"] in _OF_ALL:
                self._renewed = self.revision
        match record["event"]:
            case "study":
                self.identity = record["identity"]
                self.samplers = {0: str(record["identity"].get("search", ""))}
                self.asked, self.folder = record["asked"], record["folder"]
                prior = record.get("earlier", {"known": ()})
                known = [KnownTrial(**each) for each in prior["known"]]
                self.prior_trials = PriorTrials(**{**prior, "known": known})
                self.scales = _scales(record.get("scales", {}))
            case "scales":
                self.scales = _scales(record["scales"])
            case "places":
                self.places = record["places"]
            case "widened":
                self.identity = record["identity"]
            case "sampler":
                self.identity = record["identity"]
                self._keep(record["kept"])
                self.samplers[record["kept"]] = str(record["identity"].get("search", ""))
                self._changes[record["kept"]] = record["said"]
            case "batch":
                self.batches.append(record["suggestions"])
                skipped = {each["trial"]: each["reason"] for each in record.get("skipped", ())}
                self.infeasible |= skipped
                self.skipped.update(skipped)
                self.conclusion = None
            case "started":
                job = _job(record)
                self.conclusion = None
                self.started[job] = self.directories[job.trial, job.repeat] = record["directory"]
            case "ended":
                job = _job(record)
                self.started.pop(job, None)
                self._end(job, JobOutcome.read(record["outcome"]))
            case "crashed":
                job = _job(record)
                self.started.pop(job, None)
                self.crashes[job].append(record["reason"])
            case "interrupted":
                self.started.pop(_job(record), None)
            case "pruned":
                self.pruned |= dict.fromkeys(record["trials"], record["epochs"])
            case "eliminated":
                self.eliminated |= dict.fromkeys(record["trials"], record["repeats"])
            case "looked":
                self.looks.append(Look.read(record))
            case "promoted":
                self._promote(record["trial"], record["epochs"])
            case "time":
                self.seconds = record["seconds"]
            case "concluded":
                known = record["conclusion"]
                self.conclusion = None if known is None else Conclusion(**known)
            case "turn":
                for trial, epochs in zip(record["trials"], record["epochs"], strict=True):
                    self._promote(trial, epochs)
            case "generation":
                self._fork(record)
            case "enqueued":
                self.enqueued.add(self.size)
                self.batches.append(record["suggestions"])
                self.conclusion = None
            case "infeasible":
                self.infeasible[record["trial"]] = record["reason"]
            case "circumstances":
                self.circumstances.append(record["of"])
            case "rerun":
                self._restart(record["trial"])
                self.conclusion = None
            case "forgotten":
                self.forgotten.update(record["trials"])
            case "remembered":
                self.forgotten.difference_update(record["trials"])

    def with_outcomes(self, outcomes: Mapping[Job, JobOutcome]) -> State:
        """The same state with other outcomes of its runs."""
        found = replace(self, outcomes={}, _rungs={})
        for job, outcome in outcomes.items():
            found._end(job, outcome)
        return found

    def _end(self, job: Job, outcome: JobOutcome) -> None:
        self.outcomes[job] = outcome
        rungs = self._rungs.setdefault(job.trial, {})
        rungs.setdefault(job.epochs, {})[job.repeat] = outcome

    def _promote(self, trial: int, epochs: int) -> None:
        self.pruned.pop(trial, None)  # a longer study keeps more trials
        self.eliminated.pop(trial, None)
        self.promoted[trial] = epochs

    def _fork(self, record: Record) -> None:
        """Replace trials by others that continue the training of better ones."""
        epochs = record["epochs"]
        self.pruned |= dict.fromkeys(record["replaced"], epochs)
        self.batches.append(record["suggestions"])
        self.conclusion = None
        for each in record["forks"]:
            self.forks[each["trial"]] = Fork(each["parent"], epochs)
            for repeat, name in enumerate(each["directories"]):
                self.directories[each["trial"], repeat] = name

    def _keep(self, count: int) -> None:
        """Remove all suggestions after so many, none of which has been started."""
        batches, left = list[list[Suggestion]](), count
        for batch in self.batches:
            batches += [batch[:left]] if left else []
            left -= len(batch[:left])
        self.batches = batches
        self.skipped = {trial for trial in self.skipped if trial < count}
        self.infeasible = {n: why for n, why in self.infeasible.items() if n < count}
        self.samplers = {n: each for n, each in self.samplers.items() if n < count}
        self._changes = {n: line for n, line in self._changes.items() if n < count}

    def _restart(self, trial: int) -> None:
        """Remove all that is known of the runs of a trial, which count again."""
        gone = {job: each for job, each in self.outcomes.items() if job.trial == trial}
        self.replaced.append(gone)
        for of_jobs in (self.outcomes, self.started, self.crashes):
            for job in [job for job in of_jobs if job.trial == trial]:
                del of_jobs[job]
        for place in [place for place in self.directories if place[0] == trial]:
            del self.directories[place]
        self._rungs.pop(trial, None)
        for of_trials in (self.pruned, self.eliminated, self.promoted, self.infeasible):
            of_trials.pop(trial, None)
        self.forgotten.discard(trial)
        self.rerun[trial] = self.rerun.get(trial, 0) + 1

    def repeats(self, planned: int) -> int:
        """Runs of each trial: fewer than planned if all claims were decided before."""
        last = self.looks[-1] if self.looks else None
        return planned if last is None or last.open else last.repeats

    def scale(self, score: str) -> Scale:
        """Range and resolution of a score."""
        return self.scales.get(score, UNKNOWN)

    def suggestion(self, trial: int) -> Suggestion:
        """The values of a trial."""
        for batch in self.batches:
            if trial < len(batch):
                return batch[trial]
            trial -= len(batch)
        raise IndexError(f"no trial {trial}")

    def rungs_of(self, trial: int) -> Rungs:
        """The outcomes of the runs of a trial."""
        return self._rungs.get(trial, {})

    def revision_of(self, trial: int) -> int:
        """The revision of the state in which the results of a trial changed last."""
        return max(self._renewed, self._revisions.get(trial, 0))

    def changes(self, trials: int | None) -> list[str]:
        """Lines about other samplers that took over before a study had so many trials.

        Args:
            trials: their number; None for all.
        """
        known = self._changes.items()
        return [line for first, line in known if line and (trials is None or first < trials)]

    @property
    def size(self) -> int:
        """Number of suggestions."""
        return sum(map(len, self.batches))

    @property
    def settled(self) -> int:
        """Number of suggestions up to the last one that was started or that the user has named."""
        trials = [trial for trial, _ in self.directories]
        trials += [job.trial for job in (*self.outcomes, *self.started)]
        return 1 + max([*trials, *self.enqueued, *self.forgotten, *self.rerun], default=-1)

    @property
    def drawn(self) -> int:
        """Number of suggestions that count for the number of trials that a search asks for."""
        return self.size - len(self.extra)

    @property
    def extra(self) -> set[int]:
        """Trials on top of those that a search asks for: enqueued, forked, or not trained."""
        return self.enqueued | self.skipped | self.forks.keys()

    def requested(self, limit: int | None) -> list[tuple[int, Suggestion]]:
        """Every requested suggestion with the number of its trial.

        Args:
            limit: number of trials that the search asks for; the ``extra`` ones come on top. None
                for all suggestions.
        """
        found, drawn, extras = [], 0, self.extra
        for number, suggestion in self.trials():
            extra = number in extras
            if extra or limit is None or drawn < limit:
                found.append((number, suggestion))
            drawn += not extra
        return found

    def left_out(self, limit: int | None) -> list[int]:
        """Trials with results that are not requested, because a sweep asks for fewer than before.

        Args:
            limit: number of trials that the search asks for.
        """
        requested = {number for number, _ in self.requested(limit)}
        return sorted({job.trial for job in self.outcomes} - requested)

    def trials(self) -> Iterator[tuple[int, Suggestion]]:
        """Every suggestion with the number of its trial."""
        return enumerate(chain.from_iterable(self.batches))


def of_job(event: str, job: Job, **more: Any) -> dict[str, Any]:
    """A record about a run."""
    return {
        "event": event,
        "trial": job.trial,
        "repeat": job.repeat,
        "epochs": job.epochs,
        **more,
    }


def _scales(known: Mapping[str, Mapping[str, Any]]) -> dict[str, Scale]:
    return {name: Scale(**each) for name, each in known.items()}


def _job(record: Record) -> Job:
    return Job(record["trial"], record["repeat"], record["epochs"])
