"""What a study is and how it is, as data; its results in full are those of ``dlrun study``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dlrun.collection.read_study import read_journal, read_study
from dlrun.collection.study_entry import StudyEntry
from dlrun.summaries.entry_data import entry_data
from dlrun.summaries.next_steps import Step, study_steps
from dlrun.summaries.run_files import FileList, files_of
from dlrun.summaries.trial_place import RankedTrial, ranked

_TOP = 5
"""Trials that are shown, at most."""


@dataclass(frozen=True, slots=True)
class StudySummary:
    """A study, as its directory shows it at one moment.

    Attributes:
        entry: as in the list of runs.
        asked: whether its runs are trained by other programs, as with ``dlrun suggest``.
        repeats: runs of each trial.
        ranked: number of completed trials; 0 with several objectives, which have no such order.
        top: the best of them, with their values.
        files: in the directory, without those of the runs.
        steps: commands that continue it or show its results.
    """

    entry: StudyEntry
    asked: bool
    repeats: int
    ranked: int
    top: Sequence[RankedTrial]
    files: FileList
    steps: Sequence[Step]

    def as_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        entry = self.entry
        return {
            **entry_data(entry),
            "objectives": [{"score": score, "mode": mode} for score, mode in entry.objectives],
            "repeats": self.repeats,
            "trials": entry.trials,
            "planned": entry.planned,
            "done": entry.done,
            "failed": entry.failed,
            "running": entry.running,
            "ranked": self.ranked,
            "top": [asdict(each) for each in self.top],
            "files": [asdict(each) for each in self.files.files],
            "commands": [asdict(each) for each in self.steps],
        }


def study_summary(directory: str) -> StudySummary:
    """Read a study.

    Raises:
        DataError: a file is missing or broken.
    """
    entry, journal = read_study(directory), read_journal(Path(directory))
    order = ranked(journal)
    return StudySummary(
        entry,
        journal.asked,
        journal.repeats,
        len(order),
        tuple(order[:_TOP]),
        files_of(directory, without=("trials",)),
        study_steps(entry),
    )
