"""Everything that is known of a run, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dlrun.collection.find import Place
from dlrun.collection.read_run import read_run
from dlrun.collection.read_study import read_journal
from dlrun.collection.run_entry import RunEntry
from dlrun.run_directory import metrics
from dlrun.run_directory.access import present
from dlrun.run_directory.confusion import Confusion, read_confusion
from dlrun.run_directory.json_text import read_object
from dlrun.run_directory.result import read_result
from dlrun.summaries.entry_data import entry_data
from dlrun.summaries.fold_scores import FoldScore, fold_scores
from dlrun.summaries.given_keys import GivenKey, given_keys
from dlrun.summaries.next_steps import (
    Step,
    advice,
    command_line,
    next_steps,
    reason,
    started_by,
)
from dlrun.summaries.run_files import FileList, files_of
from dlrun.summaries.score_rows import ScoreRow, score_rows
from dlrun.summaries.trial_place import TrialPlace, trial_place


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run, as its directory shows it at one moment.

    Attributes:
        entry: as in the list of runs.
        command: the command line that started it; empty if unknown, and for the run of a study.
        started_by: what started the run of a study, in words; empty for others.
        reason: how it ended, as a sentence.
        advice: what to do next, as a sentence; empty if nothing has to be done.
        baseline: the value of ``early_stopping.baseline``; None without one.
        scores: of the best and the last epoch.
        folds: scores of a cross-validation, the mean with its interval; empty for others.
        curves: the monitored score and the training loss by epoch.
        confusion: counts by class; None if there are none.
        confusion_set: the set that is counted.
        files: in the directory.
        given: keys of the spec that differ from the defaults, because someone has set them.
        place: in its study; None for other runs.
        steps: commands that continue, use or repeat it.
        environment: of the run; empty if it is unknown.
    """

    entry: RunEntry
    command: str
    started_by: str
    reason: str
    advice: str
    baseline: float | None
    scores: Sequence[ScoreRow]
    folds: Sequence[FoldScore]
    curves: Mapping[str, Sequence[float]]
    confusion: Confusion | None
    confusion_set: str
    files: FileList
    given: Sequence[GivenKey]
    place: TrialPlace | None
    steps: Sequence[Step]
    environment: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        entry, place = self.entry, self.place
        return {
            **entry_data(entry),
            "seconds": entry.seconds,
            "command": self.command or None,
            "started_by": self.started_by or None,
            "reason": self.reason,
            "advice": self.advice or None,
            "epochs": entry.trained,
            "planned": entry.planned,
            "monitor": entry.monitor,
            "mode": entry.mode,
            "best": entry.best,
            "best_epoch": entry.best_epoch,
            "baseline": self.baseline,
            "scores": [asdict(row) for row in self.scores],
            "folds": [asdict(each) for each in self.folds],
            "curves": self.curves,
            "confusion": None if self.confusion is None else asdict(self.confusion),
            "confusion_set": self.confusion_set if self.confusion else None,
            "files": [asdict(each) for each in self.files.files],
            "given": [asdict(each) for each in self.given],
            "study": None if place is None else asdict(place),
            "commands": [asdict(each) for each in self.steps],
            "environment": self.environment,
        }


def run_summary(place: Place) -> RunSummary:
    """Read a run.

    Raises:
        DataError: a file is missing or broken.
    """
    path = Path(place.directory)
    entry = read_run(place.directory, place.study, place.fold)
    result = read_result(path / "result.json") if present(path / "result.json") else {}
    environment = (
        read_object(path / "environment.json") if present(path / "environment.json") else {}
    )
    columns = metrics.read_columns(path / "metrics.csv") if entry.trained else {}
    confusion = read_confusion(path / "confusion.csv") if present(path / "confusion.csv") else None
    ended_by = result.get("ended_by") or {}
    journal = None if place.study is None else read_journal(Path(place.study))
    known = journal is not None and entry.trial in range(len(journal.suggestions))
    baseline = entry.spec.get("early_stopping.baseline")
    return RunSummary(
        entry=entry,
        command=command_line(entry, environment),
        started_by=started_by(entry),
        reason=reason(entry, result),
        advice=advice(entry, ended_by.get("kind")),
        baseline=_number(baseline),
        scores=() if entry.folds else score_rows(columns, *_epochs(entry, result)),
        folds=fold_scores(result) if entry.folds else (),
        curves={name: columns[name] for name in _curves(entry) if name in columns},
        confusion=confusion,
        confusion_set="test" if any(n.startswith("test.") for n in entry.metrics) else "validation",
        files=files_of(place.directory, tuple(f"fold-{n + 1}" for n in range(entry.folds))),
        given=given_keys(
            path,
            entry.spec,
            environment,
            journal.values(entry.trial or 0) if journal is not None and known else {},
        ),
        place=None
        if journal is None or place.study is None
        else trial_place(place.study, journal, entry.trial, entry.repeat),
        steps=next_steps(entry, result),
        environment={key: environment[key] for key in environment if key != "command"},
    )


def _epochs(
    entry: RunEntry, result: Mapping[str, Any]
) -> tuple[int | None, int | None, Mapping[str, float | None]]:
    """The best epoch, that of the saved weights, and the scores of these weights."""
    if not result:
        return entry.best_epoch, None, {}
    kept = result["best_epoch"] if result["weights"] == "best" else result["epochs"]
    return entry.best_epoch, kept, result["metrics"]


def _curves(entry: RunEntry) -> dict[str, None]:
    return dict.fromkeys(name for name in (entry.monitor, "train.loss") if name)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None
