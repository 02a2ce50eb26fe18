"""The trials of a study, from the records of its journal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlrun.collection.states import Mode, State
from dlrun.run_directory import identity
from dlrun.run_directory.spec_keys import single
from dlrun.run_directory.usable import usable
from dlrun.search.suggestion import unsealed


@dataclass(slots=True)
class Journal:
    """What the records so far say."""

    objectives: list[tuple[str, Mode]] = field(default_factory=list)
    repeats: int = 1
    planned: int | None = None
    created: float | None = None
    asked: bool = False
    """Whether its runs are trained by other programs, as with ``dlrun suggest``."""
    suggestions: list[Mapping[str, Any]] = field(default_factory=list)
    beyond: int = 0
    """Number of suggestions that the sweep does not ask for; a batch may have more than it."""
    started: set[tuple[int, int]] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)
    """Trials of which a run was started, at any time."""
    concluded: bool = False
    """Whether a limit or rule has ended the study."""
    failed: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    """Trials that were pruned or eliminated."""
    extra: set[int] = field(default_factory=set)
    """Trials that the user added, or that are not trained because of their costs."""
    skipped: set[int] = field(default_factory=set)
    """Trials that their costs excluded before they were trained."""
    infeasible: set[int] = field(default_factory=set)
    """Trials that do not meet the limits of the sweep."""
    forgotten: set[int] = field(default_factory=set)
    """Trials that do not count."""
    scores: dict[int, dict[int, Mapping[str, float | None]]] = field(default_factory=dict)
    """Of runs that were trained to their end, by trial and repeat."""

    def add(self, record: Mapping[str, Any]) -> None:
        """Add a record.

        Raises:
            AttributeError, KeyError, TypeError, ValueError: it is not one.
        """
        match record["event"]:
            case "study" | "widened":
                self._begin(record["identity"])
                self.asked = bool(record.get("asked", self.asked))
            case "sampler":
                self._begin(record["identity"])
                self._keep(record["kept"])
            case "generation":
                first = len(self.suggestions)
                self.suggestions += map(dict, record["suggestions"])
                self.extra.update(range(first, len(self.suggestions)))
                self.begun.update(range(first, len(self.suggestions)))
                self.left.update(record["replaced"])
                self.concluded = False
            case "batch" | "enqueued":
                first = len(self.suggestions)
                self.suggestions += map(dict, record["suggestions"])
                skipped = [each["trial"] for each in record.get("skipped", ())]
                self.infeasible.update(skipped)
                self.skipped.update(skipped)
                self.extra.update(skipped if record["event"] == "batch" else [first])
                self.concluded = False
            case "infeasible":
                self.infeasible.add(record["trial"])
            case "started":
                self.started.add((record["trial"], record["repeat"]))
                self.begun.add(record["trial"])
                self.concluded = False
                began = identity.began(record["directory"])
                if began is not None and self.created is None:
                    self.created = began.timestamp()
            case "ended":
                self.started.discard((record["trial"], record["repeat"]))
                self._end(record["trial"], record["repeat"], record["epochs"], record["outcome"])
            case "crashed" | "interrupted":
                self.started.discard((record["trial"], record["repeat"]))
            case "pruned" | "eliminated":
                self.left.update(record["trials"])
            case "looked":
                if not record["open"]:  # all claims are decided, so no more seeds are trained
                    self.repeats = int(record["repeats"])
            case "promoted":
                self.left.discard(record["trial"])
            case "concluded":
                self.concluded = record["conclusion"] is not None
            case "turn":
                self.left.difference_update(record["trials"])
            case "rerun":
                self._restart(record["trial"])
            case "forgotten":
                self.forgotten.update(record["trials"])
            case "remembered":
                self.forgotten.difference_update(record["trials"])

    def _begin(self, about: Mapping[str, Any]) -> None:
        goals = about["objective"]
        for goal in goals if isinstance(goals, list) else [goals]:
            (way, score), *_ = goal.items()
            if way not in ("minimize", "maximize") or not isinstance(score, str):
                raise ValueError(way)
            if len(self.objectives) < (len(goals) if isinstance(goals, list) else 1):
                self.objectives.append((score, "min" if way == "minimize" else "max"))
        self.repeats = int(about.get("repeats", 1))

    def _end(self, trial: int, repeat: int, epochs: int, outcome: Mapping[str, Any]) -> None:
        if not 0 <= trial < len(self.suggestions):
            raise ValueError(trial)
        if outcome["status"] == "failed":
            self.failed.add(trial)
        elif epochs == 0:
            scores = {name: value for name, value in outcome["scores"].items() if _known(value)}
            self.scores.setdefault(trial, {})[repeat] = scores

    @property
    def trials(self) -> int:
        """Number of trials; without those that were only suggested, if the study ended before."""
        if not self.concluded:
            return len(self.suggestions) - self.beyond
        return len(self.begun | self.extra | self.forgotten)

    def leave_out(self) -> None:
        """After all records, drop the results of trials that the sweep does not ask for now."""
        if self.planned is None:
            return
        drawn = [trial for trial in range(len(self.suggestions)) if trial not in self.extra]
        beyond = set(drawn[self.planned :])
        self.beyond = len(beyond)
        for trials in (self.begun, self.failed, self.left, self.infeasible, self.forgotten):
            trials -= beyond
        for trial in beyond & self.scores.keys():
            del self.scores[trial]

    def _keep(self, count: int) -> None:
        """Remove suggestions that another sampler replaces."""
        del self.suggestions[count:]
        for trials in (self.extra, self.skipped, self.infeasible):
            trials.intersection_update(range(count))

    def _restart(self, trial: int) -> None:
        """Remove the results of a trial that is trained again."""
        self.started = {each for each in self.started if each[0] != trial}
        self.scores.pop(trial, None)
        for trials in (self.failed, self.left, self.forgotten, self.infeasible, self.skipped):
            trials.discard(trial)
        self.concluded = False

    def completed(self) -> set[int]:
        """Trials of which all runs were trained to their end."""
        whole = {trial for trial, runs in self.scores.items() if len(runs) >= self.repeats}
        return whole - self.failed - self.left - self.infeasible - self.forgotten

    def done(self) -> set[int]:
        """Trials that have ended without failing."""
        return (self.completed() | self.left | self.infeasible) - self.failed - self.forgotten

    def failures(self) -> set[int]:
        """Trials that failed."""
        return self.failed - self.forgotten

    def requested(self) -> int | None:
        """Number of trials that the study plans; None if its space decides."""
        return None if self.planned is None else self.planned + len(self.extra)

    def state(self, *, runs: bool) -> State:
        """How the study is.

        Args:
            runs: whether a process runs it.
        """
        if runs:
            return "running"
        if self.concluded and not self.started:
            return "done" if self.done() else "failed"
        ended = self.done() | self.failures() | self.forgotten
        wanted = self.requested()
        if not ended or len(ended) < (self.trials if wanted is None else wanted):
            return "stopped"
        return "done" if self.done() else "failed"

    def values(self, trial: int) -> dict[str, Any]:
        """The values of a trial by key of the spec."""
        return dict(single(unsealed(self.suggestions[trial])))

    def means(self) -> dict[int, float]:
        """The mean score of each completed trial, by number; none with several objectives."""
        if len(self.objectives) != 1:
            return {}
        score, _ = self.objectives[0]
        means = {}
        for trial in sorted(self.completed()):
            values = [run[score] for run in self.scores[trial].values() if score in run]
            if len(values) >= self.repeats:
                means[trial] = math.fsum(value for value in values if value is not None) / len(
                    values
                )
        return means

    def best(self) -> tuple[int | None, float | None]:
        """The best completed trial and its mean score; of equal ones the first."""
        means = self.means()
        if not means:
            return None, None
        sign = 1.0 if self.objectives[0][1] == "min" else -1.0
        trial = min(means, key=lambda each: (sign * means[each], each))
        return trial, means[trial]


def _known(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and usable(value) is not None
