"""What a study was, and the environment of its best trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlrun.collection.read_study import read_study
from dlrun.errors import DataError
from dlrun.pages.pieces.table import number
from dlrun.pages.pieces.text import badge, facts
from dlrun.pages.section import Section
from dlrun.run_directory.access import present
from dlrun.spec.flow import setting
from dlrun.study.results.numbers import interval
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.results.remarks import counted
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.sweep.design import Design


def summary_section(directory: StudyDirectory, design: Design, board: Leaderboard) -> Section:
    """What the study was and how far it is.

    Raises:
        DataError: its journal is broken.
    """
    sweep = design.sweep
    requested = None if design.trials is None else design.trials + len(board.enqueued)
    trials = f"{counted(board) or 'none yet'}"
    runs = [run for row in board.rows for run in row.trial.runs]
    entries: dict[str, str] = {
        "name": sweep.name,
        "state": badge(read_study(str(directory.path)).state),
        "trials": trials if requested is None else f"{trials}; {requested} requested",
        "objective": ", ".join(f"{goal.way} {goal.score}" for goal in board.goals),
        "sampler": sweep.search.kind,
        "pruner": "none" if sweep.prune is None else sweep.prune.kind,
        "runs per trial": str(board.repeats),
        "time of all runs": f"{number(sum(run.seconds for run in runs), 4)} s",
        "cost of all runs": f"{number(sum(run.cost for run in runs), 3)} multiply-adds",
    }
    if board.conclusion is not None:
        entries["ended by"] = board.conclusion.sentence
    if board.winner is not None and board.winner.trial.estimate is not None:
        trial = board.winner.trial
        settings = ", ".join(f"{key} {setting(value)}" for key, value in trial.suggestion.items())
        score = interval(board.winner.trial.estimate)
        entries["best trial"] = f"{trial.number}: {board.goal.score} {score} with {settings}"
    return Section("study", "Study", [facts(entries)])


def environment(directory: StudyDirectory, board: Leaderboard) -> Mapping[str, Any]:
    """The environment of the best trial that has a run directory here; empty without one."""
    for row in board.rows[:20]:
        for outcome in row.trial.runs:
            if not outcome.directory:
                continue
            try:
                run = directory.run(outcome.directory)
                if present(run.environment_file):
                    return run.environment()
            except DataError:  # other runs are as good
                continue
    return {}
