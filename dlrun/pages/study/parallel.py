"""The trials of a study as parallel coordinates."""

from __future__ import annotations

from typing import Any

from dlrun.pages.pieces.parallel import LEVELS, Column, Line, parallel
from dlrun.pages.section import Section, missing, note
from dlrun.pages.study.leaderboard import TABLE
from dlrun.pictures.study_points import StudyPoints

_LINES = 1_500
"""Maximum number of lines of the parallel coordinates."""


def parallel_section(study: StudyPoints) -> Section:
    """All keys and the first objective as parallel axes, with one line per trial."""
    title = "Parallel coordinates"
    if not study.scored or not study.axes:
        return missing("parallel", title, "No trial has a score, or no key was varied.")
    ranked = sorted(study.scored, key=lambda each: -study.sign * each[1])
    kept, marked = ranked[-_LINES:], {point.number for point in study.marked}
    columns = [
        Column(
            axis.key,
            [_place(axis, point.settings) for point, _ in kept],
            axis.scale == "log",
            axis.labels() if axis.scale == "category" else (),
        )
        for axis in study.axes
    ]
    columns.append(Column(study.score, [value for _, value in kept], study.is_wide()))
    lines = [
        Line(point.number, min(LEVELS - 1, LEVELS * place // len(kept)), point.number in marked)
        for place, (point, _) in enumerate(kept)
    ]
    text = "Better trials are stronger in colour. Drag along an axis to select trials, here and in "
    text += "the leaderboard; click the axis to end that."
    pieces = [note(text)]
    if len(kept) < len(ranked):
        pieces.append(note(f"The best {len(kept)} of {len(ranked)} trials."))
    pieces.append(parallel("parallel-lines", title, study.which, columns, lines, TABLE))
    return Section("parallel", title, pieces)


def _place(axis: Any, settings: Any) -> float | None:
    return axis.place(settings[axis.key]) if axis.key in settings else None
