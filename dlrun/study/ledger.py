"""What is known of a study, and how more comes to be known: plan, state and journal in one hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError
from dlrun.runs.atomic import replace, sweep
from dlrun.runs.json_text import to_json
from dlrun.search.suggestion import Suggestion, identity
from dlrun.study.results import files
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job, Outcome
from dlrun.study.store.journal import Journal, read_journal
from dlrun.study.store.records import VERSION
from dlrun.study.store.scales import scales
from dlrun.study.store.state import State, of_job
from dlrun.study.store.trials import Trial, trials, value_at
from dlrun.study.suggest import propose
from dlrun.study.sweep.compile import Plan
from dlrun.study.warm_start import warm_start

_ALL = 1_000_000
"""Suggestions of a search that learns nothing, at once."""

_WIDENED = ("space", "constraints")
"""What a study may go on with another one of, as long as all of its trials are still in it."""


class Ledger:
    """A study's records; whoever makes one holds the study's lock.

    Args:
        plan: what to do.
        directory: of the study.
        asked: whether somebody else trains its runs.

    Attributes:
        state: what the journal says.

    Raises:
        DataError: the study was begun with another sweep, or its files are broken.
        SpecError: an earlier study, which a new one is to learn from, is of no use to it.
    """

    def __init__(self, plan: Plan, directory: StudyDirectory, *, asked: bool = False) -> None:
        self.plan, self.directory, self._asked = plan, directory, asked
        self.state = State.replay(read_journal(directory.journal_file))
        self._check_identity()
        begun = self.state.identity is not None
        self._earlier = self.state.earlier if begun else warm_start(plan)
        self._journal = Journal(directory.journal_file)

    def begin(self) -> None:
        """Write down what the study is, if that is not there yet, and clear up after a kill."""
        sweep(self.directory.path)
        for folder in (self.directory.front, self.directory.plots):
            sweep(folder, inner=True)
        if self.state.identity is None:
            replace(self.directory.sweep_file, self.plan.text)
            self.record(
                {
                    "event": "study",
                    "version": VERSION,
                    "identity": self.plan.identity(),
                    "asked": self._asked,
                    "folder": str(self.plan.base.folder.absolute()),
                    "earlier": asdict(self._earlier),
                    "scales": self._scales(),
                }
            )
        elif identity(now := self.plan.identity()) != identity(self.state.identity):
            self.record({"event": "widened", "identity": now})
        if not self.state.scales and (known := self._scales()):  # begun by an older version
            self.record({"event": "scales", "scales": known})
        replace(self.directory.resolved_file, self.plan.resolved())

    def _scales(self) -> dict[str, Any]:
        return {name: asdict(each) for name, each in scales(self.plan.compiled).items()}

    def record(self, record: dict[str, Any]) -> None:
        """Add to the journal, and to the state."""
        self._journal.append(record)
        self.state.apply(record)

    def end(self, job: Job, outcome: Outcome) -> None:
        """A run has ended."""
        self.record(of_job("ended", job, outcome=asdict(outcome)))

    def trials(self) -> list[Trial]:
        """All trials that are wanted, by number."""
        sweep = self.plan.sweep
        return trials(self.state, sweep.goals, sweep.repeats, self.plan.trials)

    def batch(self, number: int) -> dict[int, Suggestion]:
        """The trials of a batch by number, suggested now or before; none where all are there.

        A whole batch is suggested also where fewer are wanted now: more may be wanted later.
        """
        limit = self.plan.trials
        first = sum(map(len, self.state.batches[:number]))
        if limit is not None and first >= limit:
            return {}
        if number == len(self.state.batches):
            every = self.plan.batch or (_ALL if limit is None else limit - first)
            past = [trial for trial in self.trials() if trial.status != "unfinished"]
            if not self.suggest(past, [], every):
                return {}
        wanted = enumerate(self.state.batches[number], start=first)
        return {trial: each for trial, each in wanted if limit is None or trial < limit}

    def suggest(
        self, past: Sequence[Trial], pending: Sequence[Suggestion], count: int
    ) -> Sequence[Suggestion]:
        """The next suggestions, which become a batch; none where the search is over.

        Raises:
            SpecError: a value of one would be undone by another value.
        """
        number, earlier = self.state.size, self.state.earlier
        found = propose(self.plan, earlier, past, pending, count, number)
        if found:
            self.plan.check(found)
            number = len(self.state.batches)
            self.record({"event": "batch", "batch": number, "suggestions": found})
        return found

    def values(self, numbers: Iterable[int], epochs: int) -> Mapping[int, float]:
        """The values at a rung of those trials that have come there, less is better."""
        sweep, found = self.plan.sweep, {}
        for number in numbers:
            try:
                found[number] = value_at(self.state, number, epochs, sweep.goal, sweep.repeats)
            except KeyError:  # it failed, or never came that far
                continue
        return found

    def write(self) -> None:
        """Bring leaderboard and best spec up to date."""
        files.write(self.plan, self.state, self.directory)

    def close(self) -> None:
        """No more records."""
        self._journal.close()

    def _check_identity(self) -> None:
        before, now = self.state.identity, self.plan.identity()
        if before is None:
            return
        if self.state.asked != self._asked:
            ways = ("dlrun tune", "dlrun suggest and dlrun report-result")
            raise DataError(
                f"{self.directory.path}: this study was begun by {ways[self.state.asked]}, which "
                "alone can go on with it"
            )
        changed = [
            key
            for key in dict.fromkeys([*now, *before])
            if not _same(key, before.get(key), now.get(key)) and key not in _WIDENED
        ]
        if changed:
            raise DataError(
                f"{self.directory.path}: this study was begun with another {', '.join(changed)}; "
                "give the sweep another name, or remove the directory"
            )
        for number, suggestion in self.state.trials():
            if not self.plan.space.contains(suggestion):
                raise DataError(
                    f"{self.directory.path}: trial {number} of this study lies outside of the new "
                    f"space ({to_json(suggestion)}); a space can be widened only"
                )


def _same(key: str, before: Any, now: Any) -> bool:
    """Whether a part of a study's identity is still the same."""
    return same_data(before, now) if key == "data" else identity(before) == identity(now)
