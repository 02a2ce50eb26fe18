from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from dlrun.report.plots import draw_study
from dlrun.report.study_points import Axis, Point, StudyPoints

AXES = (
    Axis("optimizer.adam.lr", "log"),
    Axis("params.units", "linear"),
    Axis("params.activation", "category", ("relu", "$x$", 3)),
)


def point(number: int, value: float | None, status: str = "completed") -> Point:
    settings = {
        "optimizer.adam.lr": 10.0 ** -(number + 1),
        "params.activation": ["relu", 3][number % 2],
    }
    if number:
        settings["params.units"] = number
    curve = [] if value is None else [value + 1 / epoch for epoch in range(1, 6)]
    values = () if value is None else (value, 1e3 * (number % 4 + 1))
    return Point(number, status, values, settings, 1e6 * (number + 1), curve)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    "points",
    [
        (point(0, 0.5),),
        (
            point(0, 0.5),
            point(1, 0.2),
            point(2, None, "failed"),
            point(3, 0.9, "pruned"),
            point(4, 0.8, "eliminated"),
        ),
        (point(0, 1e-6), point(1, 1e3), point(2, 0.1), point(3, 0.1)),
        (point(0, 0.5, "pruned"),),
    ],
    ids=["one", "mixed", "wide", "no-winner"],
)
def test_every_picture_of_any_study(tmp_path: Path, points: tuple[Point, ...], sign: float) -> None:
    study = StudyPoints("study", ("validation.loss",), (sign,), AXES, points)
    files = draw_study(study, tmp_path / "plots")
    assert len(files) == 5
    for file in files:
        with Image.open(file) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 10
    assert len(draw_study(StudyPoints("s", ("x",), (sign,), (), points), tmp_path / "plots")) == 3


def test_the_best_is_completed_and_best() -> None:
    points = (point(0, 0.1, "pruned"), point(1, 0.5), point(2, 0.4), point(3, None, "failed"))
    for sign, number in ((1.0, 2), (-1.0, 1)):
        best = StudyPoints("s", ("x",), (sign,), AXES, points).best
        assert best is not None and best.number == number
    assert StudyPoints("s", ("x",), (1.0,), AXES, (point(0, None, "failed"),)).best is None
