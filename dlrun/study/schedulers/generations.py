"""Generations: all trials reach a rung, and the worst are replaced by forks of the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dlrun.rng import Stream, generator
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.search.suggestion import Suggestion, identity
from dlrun.study.batches import batch
from dlrun.study.events import TrialForked
from dlrun.study.fork_runs import make_forks
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers.staged import Staged
from dlrun.study.store.job import Job, new_name

_DRAWS = 64
"""Draws for settings that no other fork of the same parent has."""


class Generations(Staged):
    """All repeats of all trials train up to a rung; then the pruner replaces some of the trials.

    A generation is one record, with the names of the new run directories, and is written before
    them.  They are made, or completed after a kill, before any run is trained beyond the rung, so
    a study that was killed at any moment makes the same ones.

    Args:
        ledger: of the study.
        prune: the pruner, which chooses who is replaced, by whom, and with which settings.
    """

    def __init__(self, ledger: Ledger, prune: ReplacingPruner) -> None:
        super().__init__(ledger)
        self._prune = prune

    def jobs(self) -> Iterator[Job | None]:
        """The runs up to one rung after another, and then to the end."""
        plan, state = self.ledger.plan, self.ledger.state
        trials = self._first()
        for rung in [*self._prune.rungs(plan.epochs), 0]:
            jobs = [Job(n, repeat, rung) for n in trials for repeat in range(plan.sweep.repeats)]
            new = any(job not in state.outcomes for job in jobs)
            yield from self.stage(jobs, dict(state.trials()))
            before = trials
            if rung:
                trials = self._next(before, rung)
            if new:
                self.announce(set(before) if not rung else set(before) - set(trials))
                self.events += [
                    TrialForked(n, fork.parent, fork.epochs, state.suggestion(n))
                    for n, fork in state.forks.items()
                    if n in trials and n not in before
                ]

    def _first(self) -> list[int]:
        """The trials of the search, which are suggested together."""
        before = set(self.ledger.state.skipped)
        first = batch(self.ledger, 0)
        self.announce(self.ledger.state.skipped - before)
        return list(first or ())

    def _next(self, trials: Sequence[int], rung: int) -> list[int]:
        """The trials that train on after a rung: those that are left, and the new ones."""
        state = self.ledger.state
        forks = [n for n, fork in state.forks.items() if fork.epochs == rung]
        if not forks:
            forks = self._replace(trials, rung)
        make_forks(self.ledger, forks)
        failed = {job.trial for job, each in state.outcomes.items() if each.status == "failed"}
        gone = failed | state.pruned.keys()
        return [n for n in trials if n not in gone] + forks

    def _replace(self, trials: Sequence[int], rung: int) -> list[int]:
        """Record a generation; returns its new trials, none if no trial is replaced."""
        ledger, state = self.ledger, self.ledger.state
        plan, prune = ledger.plan, self._prune
        random = generator(plan.sweep.seed, Stream.POPULATION, rung)
        parents = prune.parents(trials, ledger.values(trials, rung), random)
        taken = {(each, identity(state.suggestion(each))) for each in parents.values()}
        repeats, suggestions = plan.sweep.repeats, list[Suggestion]()
        forks = list[dict[str, Any]]()
        for number, parent in enumerate(parents.values(), start=state.size):
            random = generator(plan.sweep.seed, Stream.POPULATION, rung, number + 1)
            suggestions.append(self._explored(parent, random, taken))
            names = [new_name(Job(number, each), repeats) for each in range(repeats)]
            forks.append({"trial": number, "parent": parent, "directories": names})
        if forks:
            plan.check(suggestions)
            ledger.record(
                {
                    "event": "generation",
                    "epochs": rung,
                    "replaced": list(parents),
                    "suggestions": suggestions,
                    "forks": forks,
                }
            )
        return [each["trial"] for each in forks]

    def _explored(
        self, parent: int, random: np.random.Generator, taken: set[tuple[int, str]]
    ) -> Suggestion:
        """New settings for a fork, other than those of its parent and of the parent's other forks.

        With equal settings they would train to equal bits.  A small space may not have any others.

        Args:
            parent: the trial that it continues.
            random: determines the result.
            taken: parents with the settings that continue them already; the new ones are added.
        """
        plan, settings = self.ledger.plan, self.ledger.state.suggestion(parent)
        for _ in range(_DRAWS):
            found = self._prune.explored(plan.space, settings, random)
            if (parent, identity(found)) not in taken:
                break
        taken.add((parent, identity(found)))
        return found
