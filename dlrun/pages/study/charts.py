"""Charts of a study: convergence, slices, learning curves, cost and quality, Pareto fronts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

from dlrun.pages.pieces.chart import Axis, Chart
from dlrun.pages.pieces.series import Series, needs_log
from dlrun.pictures.focus import beyond, focus
from dlrun.pictures.study_points import Axis as Key
from dlrun.pictures.study_points import Point, StudyPoints

_STATUSES = (
    ("completed", "c0", "dot"),
    ("eliminated", "c5", "square"),
    ("pruned", "faint", "triangle"),
    ("infeasible", "faint", "square"),
)
_GOLDEN = 0.618034
"""The golden ratio; the fractional parts of its multiples are spread evenly."""
_SPREAD = 0.4
"""Width of the cloud of points of a category."""
CURVES = 1_000
"""Maximum number of learning curves."""
_NUMBERS = 120_000
"""Maximum number of points of all learning curves together."""


def convergence(study: StudyPoints) -> Chart:
    """The score by trial, failed ones at the bottom, and the best so far."""
    series = [
        _points(status, color, marker, [(float(p.number), v, p) for p, v in found])
        for status, color, marker in _STATUSES
        if (found := [(p, v) for p, v in study.scored if p.status == status])
    ]
    steps: list[tuple[float, float]] = []
    for point, value in study.scored:
        better = not steps or study.sign * value < study.sign * steps[-1][1]
        if point.status == "completed" and better:
            steps.append((float(point.number), value))
    if steps:
        steps.append((float(study.points[-1].number), steps[-1][1]))
        x, y = [x for x, _ in steps], [y for _, y in steps]
        series.append(Series(study.best_so_far, x, y, "best", "step", quiet=True))
    failed = [point for point in study.points if point.value is None]
    values = [value for _, value in study.scored]
    if failed and values:
        low = min(values)
        series.append(_points("failed", "ink-soft", "cross", [(p.number, low, p) for p in failed]))
    y_axis = Axis(study.score, needs_log(values))
    return Chart(
        "convergence",
        "Score by trial",
        Axis("trial", integer=True),
        y_axis,
        series,
        {},
        study.which,
    )


def slices(study: StudyPoints) -> list[Chart]:
    """One chart per key with a point for each trial, the marked ones in another colour."""
    return [_slice(study, axis, place) for place, axis in enumerate(study.axes)]


def _slice(study: StudyPoints, axis: Key, place: int) -> Chart:
    marked = {point.number for point in study.marked}
    name = "best" if len(study.scores) == 1 else study.marked_name
    found: dict[str, list[tuple[float, float, Point]]] = {}
    for point, value in study.scored:
        if axis.key not in point.settings:
            continue
        x = axis.place(point.settings[axis.key])
        if axis.scale == "category":
            x += _SPREAD * (point.number * _GOLDEN % 1 - 0.5)
        kind = name if point.number in marked else point.status
        found.setdefault(kind, []).append((x, value, point))
    series = [
        _points(status, color, marker, found[status])
        for status, color, marker in (*_STATUSES, (name, "best", "dot"))
        if status in found
    ]
    names = axis.labels() if axis.scale == "category" else ()
    ends = (-0.5, len(names) - 0.5) if names else ()
    x_axis = Axis(axis.key, axis.scale == "log", include=ends, names=names)
    y_axis = Axis(study.score, study.is_wide())
    return Chart(f"slice-{place}", axis.key, x_axis, y_axis, series, {}, study.which)


def curves(study: StudyPoints) -> Chart:
    """The score by epoch, one line per trial, the marked ones on top in another colour."""
    marked = {point.number for point in study.marked}
    with_curve = [point for point in study.points if point.mean_curve]
    drawn = [*with_curve[:CURVES], *(p for p in with_curve[CURVES:] if p.number in marked)]
    most = max(20, _NUMBERS // max(1, len(drawn)))
    series = []
    for point in sorted(drawn, key=lambda each: each.number in marked):
        is_best, curve = point.number in marked, point.mean_curve
        epochs = sorted({*range(1, len(curve) + 1, math.ceil(len(curve) / most)), len(curve)})
        series.append(
            Series(
                f"trial {point.number}, {point.status}",
                epochs,
                [curve[epoch - 1] for epoch in epochs],
                "best" if is_best else "c0" if point.status == "completed" else "faint",
                marker="dot" if len(epochs) == 1 or (is_best and len(epochs) < 30) else "",
                group=study.marked_name if is_best else point.status,
                width=(2.6 if len(marked) == 1 else 1.8) if is_best else 1.0,
                alpha=1.0 if is_best else max(0.12, min(0.6, 40 / len(drawn))),
            )
        )
    values = [value for each in series for value in each.y if value is not None]
    known = list(filter(math.isfinite, values))
    ends = focus(known, log=needs_log(known))
    x_axis = Axis("epoch", integer=True)
    y_axis = Axis(study.score, needs_log(known), ends=ends)
    detail = " · ".join(filter(None, (study.which, beyond(known, ends))))
    return Chart("curves", "Score by epoch", x_axis, y_axis, series, {}, detail)


def cost_quality(study: StudyPoints) -> Chart:
    """The score by cost; a line joins the trials that no cheaper one beats."""
    series = [
        _points(status, color, marker, [(p.cost, v, p) for p, v in found])
        for status, color, marker in _STATUSES
        if (found := [(p, v) for p, v in study.scored if p.status == status and p.cost > 0])
    ]
    front: list[tuple[float, float]] = []
    completed = [(p.cost, v) for p, v in study.scored if p.status == "completed" and p.cost > 0]
    for cost, value in sorted(completed, key=lambda each: (each[0], study.sign * each[1])):
        if not front or study.sign * value < study.sign * front[-1][1]:
            front.append((cost, value))
    if front:
        x, y = [x for x, _ in front], [y for _, y in front]
        series.append(Series("no cheaper one is better", x, y, "best", "step", quiet=True))
    values = [value for _, value in study.scored]
    x_axis = Axis(
        "cost in multiply-adds of the forward passes", needs_log([p.cost for p in study.points])
    )
    y_axis = Axis(study.score, needs_log(values))
    return Chart("cost", "Cost and quality", x_axis, y_axis, series, {}, study.which)


def fronts(study: StudyPoints, front: Sequence[int]) -> list[Chart]:
    """For every pair of objectives a chart with a point for each trial.

    Args:
        study: with several objectives.
        front: numbers of the trials of the Pareto front.
    """
    completed = [point for point, _ in study.scored if point.status == "completed"]
    charts = []
    for one, other in combinations(range(len(study.scores)), 2):
        series = [
            _points(name, color, marker, [(p.values[one], p.values[other], p) for p in found])
            for name, color, marker, found in _parted(completed, front)
            if found
        ]
        x_axis = Axis(study.scores[one], study.spans_decades(one))
        y_axis = Axis(study.scores[other], study.spans_decades(other))
        title = f"{study.scores[other]} by {study.scores[one]}"
        charts.append(Chart(f"front-{one}-{other}", title, x_axis, y_axis, series, {}, study.which))
    return charts


def _parted(
    completed: Sequence[Point], front: Sequence[int]
) -> Iterator[tuple[str, str, str, Sequence[Point]]]:
    """Name, colour and marker of the trials on the front and of the others, and these trials.

    Those of which it is uncertain are apart.
    """
    for name, color, inside in (("dominated", "c0", False), ("Pareto front", "best", True)):
        here = [point for point in completed if (point.number in front) == inside]
        yield name, color, "dot", [point for point in here if not point.uncertain]
        unsure = [point for point in here if point.uncertain]
        yield f"{name}, uncertain", color, "square", unsure


def hypervolume(study: StudyPoints) -> Chart:
    """The hypervolume of the Pareto front by trial."""
    numbers, shares = list(study.volumes), list(study.volumes.values())
    x, y = [*numbers, study.points[-1].number], [*shares, shares[-1]]
    series = [Series("hypervolume", x, y, "best", "step")]
    y_axis = Axis("fraction of the box", include=(0.0,))
    title, corner = "Hypervolume of the Pareto front by trial", f"reference: {study.corner}"
    return Chart("hypervolume", title, Axis("trial", integer=True), y_axis, series, {}, corner)


def _points(
    name: str, color: str, marker: str, found: Sequence[tuple[float, float, Point]]
) -> Series:
    x, y = [x for x, _, _ in found], [y for _, y, _ in found]
    text = [f"trial {point.number}, {point.status}" for _, _, point in found]
    faint = max(0.4, min(0.8, 150 / max(1, len(found))))
    alpha, size = (1.0, 5.0) if color == "best" else (faint, 3.4)
    return Series(name, x, y, color, "points", marker, text, alpha=alpha, size=size)
