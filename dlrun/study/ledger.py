"""The records of a study: its state in memory, and the journal to which events are added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dlrun.errors import DataError
from dlrun.quantities import count
from dlrun.run_directory.atomic import replace, sweep
from dlrun.run_directory.circumstances import circumstances, differing, differing_line
from dlrun.run_directory.directory import RunDirectory
from dlrun.search.nondominated import positions
from dlrun.search.pruners.base import ReplacingPruner, SynchronousPruner
from dlrun.search.suggestion import identity
from dlrun.spec.origin import InFile
from dlrun.study.identity import SEARCH, another_sampler, check_identity
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.store.journal import Journal
from dlrun.study.store.look import Look
from dlrun.study.store.read_journal import read_journal
from dlrun.study.store.records import VERSIONS
from dlrun.study.store.rungs import points_at
from dlrun.study.store.scales import scales
from dlrun.study.store.state import State, of_job
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import Trials
from dlrun.study.sweep.plan import SweepPlan
from dlrun.study.warm_start import warm_start


class Ledger:
    """A study's records; only for a process that holds the study's lock.

    Args:
        plan: the sweep.
        directory: of the study.
        asked: whether its runs are trained by other programs, as with ``dlrun suggest``.

    Attributes:
        state: the content of the journal.
        conclusion: the limit or rule that ends the study, once there is one.

    Raises:
        DataError: the study began with another sweep, or its files are broken or lost.
        SpecError: a prior study that a new one is to learn from cannot be used.
    """

    def __init__(self, plan: SweepPlan, directory: StudyDirectory, *, asked: bool = False) -> None:
        self.plan, self.directory, self._asked = plan, directory, asked
        self.state = State.replay(read_journal(directory.journal_file))
        check_identity(plan, directory, self.state, asked=asked)
        begun = self.state.identity is not None
        if not begun:
            _need_no_runs(directory)
        self._prior_trials = self.state.prior_trials if begun else warm_start(plan)
        self._trials = Trials(self.state, plan.sweep.goals, plan.sweep.repeats)
        self._journal = Journal(directory.journal_file)
        self.conclusion: Conclusion | None = None

    def begin(self) -> None:
        """Record the study's identity if it is new or widened, and clean up after a kill."""
        sweep(self.directory.path)
        for folder in (self.directory.front, self.directory.plots):
            sweep(folder, inner=True)
        if self.state.identity is None:
            replace(self.directory.sweep_file, self.plan.text)
            self.record(
                {
                    "event": "study",
                    "version": VERSIONS[isinstance(self.plan.sweep.prune, ReplacingPruner)],
                    "identity": self.plan.identity(),
                    "asked": self._asked,
                    "folder": str(self.plan.base.folder.absolute()),
                    "earlier": asdict(self._prior_trials),
                    "scales": self._scales(),
                }
            )
        elif identity(now := self.plan.identity()) != identity(self.state.identity):
            self._change(now)
        if not self._asked and self.plan.sweep.until is not None:
            self._shorten()
        if not self.state.scales and (known := self._scales()):  # begun by an older version
            self.record({"event": "scales", "scales": known})
        if (places := self._places()) != self.state.places:
            self.record({"event": "places", "places": places})
        replace(self.directory.resolved_file, self.plan.resolved())
        for trial in self.trials():  # of which one may have ended just before a kill
            self._judge(trial)

    def _change(self, now: dict[str, Any]) -> None:
        """Record another identity; a new sampler replaces suggestions never started."""
        state = self.state
        if (state.identity or {})[SEARCH] == now[SEARCH]:
            self.record({"event": "widened", "identity": now})
            return
        kept = self._lasting
        # A sampler that has suggested nothing since it took over leaves no trace.
        earlier = [text for first, text in state.samplers.items() if first < kept]
        before = earlier[-1] if earlier else now[SEARCH]
        said = "" if before == now[SEARCH] else another_sampler(before, now[SEARCH], kept)
        self.record({"event": "sampler", "identity": now, "kept": kept, "said": said})

    def _shorten(self) -> None:
        """Remove suggestions never started of a batch larger than those of studies with rules.

        The rules are new then, and are checked before each batch. Pruners that do not train whole
        batches check them more often.
        """
        state, plan, prune = self.state, self.plan, self.plan.sweep.prune
        if plan.batch is None or not (prune is None or isinstance(prune, SynchronousPruner)):
            return
        first = state.size - len(state.batches[-1]) if state.batches else 0
        trained = sum(number not in state.skipped for number in range(first, state.size))
        if trained > max(plan.batch, self._points) and (kept := self._lasting) < state.size:
            record = {"event": "sampler", "identity": plan.identity(), "kept": kept, "said": ""}
            self.record(record)

    @property
    def _lasting(self) -> int:
        """Number of suggestions that another sampler or rule does not replace."""
        return min(self.state.size, max(self.state.settled, self._points))

    @property
    def _points(self) -> int:
        """Number of points to try first, which are suggested at once."""
        return len(self.plan.first) + len(self._prior_trials.first)

    def _places(self) -> dict[str, str]:
        """Where the user has written the dimensions; as before if this sweep is the study's own."""
        origins = self.plan.space.origins.values()
        files = {origin.file for origin in origins if isinstance(origin, InFile)}
        own = str(self.directory.resolved_file)
        return self.state.places if own in files else self.plan.places

    def _scales(self) -> dict[str, Any]:
        known = scales(self.plan.compiled, self.plan.fewest)
        return {name: asdict(each) for name, each in known.items()}

    def record(self, record: dict[str, Any]) -> None:
        """Add an event to the journal and to the state."""
        self._journal.append(record)
        self.state.apply(record)

    def end(self, job: Job, outcome: JobOutcome) -> None:
        """Record that a run has ended, and whether its trial meets the limits of the sweep."""
        self.record(of_job("ended", job, outcome=asdict(outcome)))
        self._judge(self._trials.one(job.trial))

    def trained(self, run: RunDirectory) -> str:
        """Record where a run was trained; a line about it if others were trained elsewhere."""
        known = self.state.circumstances
        try:
            found = circumstances(run.environment())
        except DataError:  # nothing else of a study depends on this file
            return ""
        if found in known:
            return ""
        self.record({"event": "circumstances", "of": dict(found)})
        return differing_line("runs were trained", differing(known))

    def look(self, found: Look) -> None:
        """Record a look at the claims; if it ends the study, its trials are complete."""
        self.record({"event": "looked", **asdict(found)})
        for trial in self.trials():
            self._judge(trial)

    def remember(self, trials: Sequence[int]) -> None:
        """Record that trials count again, and whether they meet the limits of the sweep.

        A trial that ended while it did not count has not been judged before.
        """
        self.record({"event": "remembered", "trials": list(trials)})
        for number in trials:
            self._judge(self._trials.one(number))

    def _judge(self, trial: Trial) -> None:
        """Record that the scores of a trial do not meet the limits, if they do not."""
        if self.plan.limited and trial.status == "completed":
            reason = self.plan.unmet(trial.suggestion, trial.means)
            if reason:
                record = {"event": "infeasible", "trial": trial.number, "reason": reason}
                self.record(record)

    def conclude(self) -> None:
        """Record why the study ended, unless the journal already has it."""
        if self.conclusion != self.state.conclusion:
            known = None if self.conclusion is None else asdict(self.conclusion)
            self.record({"event": "concluded", "conclusion": known})

    def trials(self) -> list[Trial]:
        """All trials that the sweep requests, by number."""
        return self._trials.all(self.plan.trials)

    def values(self, numbers: Iterable[int], epochs: int) -> Mapping[int, float]:
        """The values after so many epochs of those trials that have them; lower is better.

        With several objectives, they are the positions of these trials in their order, so values of
        two calls cannot be compared.  Trials that are forgotten are left out.
        """
        sweep, counted = self.plan.sweep, [n for n in numbers if n not in self.state.forgotten]
        repeats = self.state.repeats(sweep.repeats)
        points = points_at(self.state, counted, epochs, sweep.goals, repeats)
        if len(sweep.goals) > 1:
            return positions(points)
        return {number: value for number, (value,) in points.items()}

    def close(self) -> None:
        """Close the journal; nothing can be recorded afterwards."""
        self._journal.close()


def _need_no_runs(directory: StudyDirectory) -> None:
    """Make sure that a study which begins has no runs: those of a lost journal would be hidden."""
    try:
        runs = sum(each.is_dir() for each in directory.trials.iterdir())
    except OSError:
        return
    if runs:
        raise DataError(
            f"{directory.path}: {directory.journal_file.name} is missing or empty, but "
            f"{directory.trials.name} holds {count(runs, 'run')}: restore the journal, or rename "
            "the directory to begin again"
        )
