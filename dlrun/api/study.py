"""A study directory, opened from Python."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.api.run import Run
from dlrun.collection.facts import described, html_of
from dlrun.collection.naming import resolve_study
from dlrun.errors import DataError, InputError
from dlrun.experiment.plugins import Allow
from dlrun.pictures.plots import draw_study, remove_pictures
from dlrun.search.importance import Importance
from dlrun.spec.overrides import Overrides
from dlrun.study import steering
from dlrun.study.results.advice.advice import Advice, advise
from dlrun.study.results.formats import as_csv, as_json, as_markdown
from dlrun.study.results.pictures import study_points
from dlrun.study.results.ranking import Leaderboard, leaderboard
from dlrun.study.results.seeds_needed import SeedsNeeded, seeds_needed
from dlrun.study.results.shares import shares
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.lineage import Phase
from dlrun.study.store.recorded import recorded
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Best:
    """The best trial of a study, or one of its Pareto front.

    Attributes:
        trial: its number, from 0.
        settings: its values by key of the spec.
        scores: the mean over its runs of each objective, by name.
        spec: the file with its full spec; None if there is none.
        run: its first run; None if that has no run directory here.
    """

    trial: int
    settings: Mapping[str, Any]
    scores: Mapping[str, float]
    spec: Path | None
    run: Run | None


class Study:
    """A study directory, of a study that is finished or not.

    It shows the study at the time when it was opened, or changed by one of its methods; open it
    again to see later trials.

    Args:
        path: the study directory, or a word that names a study: ``latest`` or the beginning of its
            name.

    Attributes:
        path: the study directory.
        leaderboard: all trials, the best first.

    Raises:
        DataError: the study does not exist, or its files are broken.
        SpecError: its sweep has errors.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = resolve_study(path)
        self._directory = StudyDirectory.open(self.path)
        self._read()

    def _read(self) -> None:
        self._design, state = recorded(self._directory)
        self.leaderboard: Leaderboard = leaderboard(self._design, state)
        self._importance: Mapping[str, Mapping[str, Importance]] | None = None

    def __repr__(self) -> str:
        return f"Study({described(self.path)})"

    def __fspath__(self) -> str:
        """The study directory, so that it can be passed wherever a path can."""
        return str(self.path)

    def _repr_html_(self) -> str:
        return html_of(self.path)

    def __reduce__(self) -> tuple[type[Study], tuple[Path]]:
        return type(self), (self.path.absolute(),)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, by number."""
        trials = (row.trial for row in self.leaderboard.rows)
        return tuple(sorted(trials, key=lambda trial: trial.number))

    @property
    def best(self) -> Best | None:
        """The best trial; None if no trial is completed, or if there are several objectives."""
        winner = self.leaderboard.winner
        return None if winner is None else self._best(winner.trial, self._directory.best_file)

    def schedule(self, trial: int) -> Sequence[Phase]:
        """The settings of a trial by epochs: one item, or several in population-based training.

        Args:
            trial: its number, from 0.

        Raises:
            InputError: the study has no such trial.
        """
        for row in self.leaderboard.rows:
            if row.trial.number == trial:
                return self.leaderboard.schedule(row.trial)
        raise InputError(f"{self.path}: the study has no trial {trial}")

    @property
    def front(self) -> tuple[Best, ...]:
        """The Pareto front of several objectives; empty if there is one objective.

        It consists of trials of this study.  The folder ``front`` also has the specs of trials of
        prior studies that none of these dominates.
        """
        folder = self._directory.front
        trials = [row.trial for row in self.leaderboard.front]
        return tuple(self._best(trial, folder / f"{trial.number:04}.yaml") for trial in trials)

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """Whether each claim of the sweep holds; empty before all trials have ended."""
        return self.leaderboard.verdicts

    @property
    def failed(self) -> int:
        """How many trials failed."""
        return self.leaderboard.failed

    def importance(self) -> Mapping[str, Mapping[str, Importance]]:
        """How much each varied key matters, by objective and key, the most important key first.

        An objective has no keys if there are too few trials to tell, or if all scores are equal.
        """
        if self._importance is None:
            self._importance = shares(self._design, self.leaderboard)
        return self._importance

    def advice(self) -> Sequence[Advice]:
        """What to change in the search space, one item per key; empty before the study is complete.

        A range is to be widened if the best trial is at its end, narrowed if all trials beyond a
        value failed, and a key that has no effect is to be fixed.
        """
        return advise(self._design, self.leaderboard, self.importance)

    def seeds_needed(self) -> Sequence[SeedsNeeded]:
        """How many seeds would show the claims, and that the best trial is better than the second.

        Empty before all trials have ended, and with one seed per trial.
        """
        return seeds_needed(self.leaderboard)

    def draw(self) -> tuple[Path, ...]:
        """Draw the pictures into the folder ``plots``.

        Returns:
            The files; none if no trial has a score.

        Raises:
            DataError: a picture cannot be written.
        """
        shown = study_points(self._design, self.leaderboard, self._directory)
        if not shown.scored:
            remove_pictures(self._directory.plots)
            return ()
        return tuple(draw_study(shown, self._directory.plots))

    def enqueue(self, values: Overrides, *, allow_plugins: Allow = False) -> Trial:
        """Add a trial with values that you choose, on top of those that the search asks for.

        The sampler draws the values of keys that are not named.  The trial is trained when the
        study is continued.

        Args:
            values: by key of the space.
            allow_plugins: whether the Python files that its spec names may run.

        Raises:
            SpecError: a value is not in the space, or the spec does not accept it.
            InputError: there is such a trial already, or nothing is chosen.
            DataError: a process runs the study, or its files are broken.
        """
        number, _ = steering.enqueue(self.path, values, allow_plugins=allow_plugins)
        self._read()
        return next(trial for trial in self.trials if trial.number == number)

    def rerun(self, *trials: int, allow_plugins: Allow = False) -> None:
        """Let trials be trained again from the start when the study is continued.

        Their earlier results stay in the journal and on the disk, but do not count.

        Args:
            trials: their numbers, from 0.
            allow_plugins: whether the Python files that its spec names may run.

        Raises:
            InputError: the study has no such trial, or it has not been trained yet.
            DataError: a process runs the study, or its files are broken.
        """
        steering.rerun(self.path, trials, allow_plugins=allow_plugins)
        self._read()

    def forget(self, *trials: int, allow_plugins: Allow = False) -> None:
        """Leave trials out of sampler, ranking and statistics; nothing is deleted.

        Args:
            trials: their numbers, from 0.
            allow_plugins: whether the Python files that its spec names may run.

        Raises:
            InputError: the study has no such trial, or it is forgotten already.
            DataError: a process runs the study, or its files are broken.
        """
        steering.forget(self.path, trials, allow_plugins=allow_plugins)
        self._read()

    def remember(self, *trials: int, allow_plugins: Allow = False) -> None:
        """Let trials that were forgotten count again.

        Args:
            trials: their numbers, from 0.
            allow_plugins: whether the Python files that its spec names may run.

        Raises:
            InputError: the study has no such trial, or it is not forgotten.
            DataError: a process runs the study, or its files are broken.
        """
        steering.remember(self.path, trials, allow_plugins=allow_plugins)
        self._read()

    def as_csv(self) -> str:
        """The leaderboard as the text of a CSV file, with all digits."""
        return as_csv(self.leaderboard)

    def as_markdown(self) -> str:
        """The leaderboard in Markdown."""
        return as_markdown(self.leaderboard, self.advice())

    def as_json(self) -> str:
        """The leaderboard with everything that is known of the trials, in JSON."""
        return as_json(self.leaderboard, self.advice())

    def _best(self, trial: Trial, spec: Path) -> Best:
        names = [goal.score for goal in self.leaderboard.goals]
        means = [estimate.mean for estimate in trial.estimates]
        return Best(
            trial.number,
            trial.suggestion,
            dict(zip(names, means, strict=True)),
            spec if spec.exists() else None,
            self._run(trial),
        )

    def _run(self, trial: Trial) -> Run | None:
        """The first run of a trial, if it has a directory here."""
        if not trial.runs[0].directory:
            return None
        try:
            return Run(self._directory.run(trial.runs[0].directory).path)
        except DataError:
            return None
