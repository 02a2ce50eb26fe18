"""The trials of a study as its pictures want them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dlrun.errors import DataError
from dlrun.report.study_points import Axis, Point, StudyPoints
from dlrun.search.dimensions.base import Dimension
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.trials import Trial
from dlrun.study.sweep.compile import Design


def study_points(design: Design, board: Leaderboard, directory: StudyDirectory) -> StudyPoints:
    """What there is to draw.

    Args:
        design: of the study.
        board: its trials.
        directory: with their runs, whose metrics are read.
    """
    found = sorted((row.trial for row in board.rows), key=lambda trial: trial.number)
    return StudyPoints(
        title=design.sweep.name,
        scores=tuple(goal.score for goal in board.goals),
        signs=tuple(goal.sign for goal in board.goals),
        axes=tuple(_axes(design)),
        points=tuple(
            _point(trial, board.goal.score, directory)
            for trial in found
            if trial.status != "unfinished"
        ),
    )


def _axes(design: Design) -> Iterator[Axis]:
    for key, dimension in design.space.dimensions.items():
        if dimension.size == 1:
            continue
        if dimension.kind == "choice":
            assert dimension.size is not None
            yield Axis(key, "category", tuple(dimension.grid(dimension.size)))
        else:
            yield Axis(key, "log" if _is_log(dimension) else "linear")


def _is_log(dimension: Dimension) -> bool:
    return bool(getattr(dimension, "log", dimension.kind == "log_uniform"))


def _point(trial: Trial, score: str, directory: StudyDirectory) -> Point:
    return Point(
        trial.number,
        trial.status,
        tuple(each.mean for each in trial.estimates),
        trial.suggestion,
        sum(run.cost for run in trial.runs),
        _curve(trial, score, directory),
    )


def _curve(trial: Trial, score: str, directory: StudyDirectory) -> Sequence[Any]:
    try:
        return directory.run(trial.runs[0].directory).metrics().get(score, [])
    except DataError:  # it never came to its first epoch
        return []
