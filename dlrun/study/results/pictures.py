"""The trials of a study in the form that its pictures need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlrun.errors import DataError
from dlrun.intervals import Estimate
from dlrun.pictures.study_points import Axis, Point, StudyPoints
from dlrun.search.dimensions.base import Dimension
from dlrun.study.results.ranking import Leaderboard, LeaderboardRow
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.sweep.design import Design


def study_points(design: Design, board: Leaderboard, directory: StudyDirectory) -> StudyPoints:
    """The points and axes to draw.

    Args:
        design: of the study.
        board: its trials.
        directory: with the runs, whose metrics are read.
    """
    found = sorted(board.rows, key=lambda row: row.trial.number)
    return StudyPoints(
        name=design.sweep.name,
        scores=tuple(goal.score for goal in board.goals),
        signs=tuple(goal.sign for goal in board.goals),
        axes=tuple(_axes(design)),
        points=tuple(
            _point(row, board.goal.score, directory)
            for row in found
            if row.trial.ended and not row.trial.skipped
        ),
        repeats=board.repeats,
        bounds=board.scale,
        volumes={} if board.volume is None else board.volume.growth,
        reference=() if board.volume is None else board.volume.reference,
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


def _point(row: LeaderboardRow, score: str, directory: StudyDirectory) -> Point:
    trial = row.trial
    return Point(
        trial.number,
        trial.status,
        tuple(each.mean for each in trial.estimates),
        trial.suggestion,
        sum(run.cost for run in trial.runs),
        tuple(_curve(run.directory, score, directory) for run in trial.runs),
        tuple(_ends(each) for each in trial.estimates),
        row.uncertain,
    )


def _ends(found: Estimate) -> tuple[float, float] | None:
    return None if found.low is None or found.high is None else (found.low, found.high)


def _curve(run: str, score: str, directory: StudyDirectory) -> Sequence[float]:
    try:
        return directory.run(run).metrics().get(score, [])
    except DataError:  # the run ended before its first epoch
        return []
