from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from dlrun.pictures.convergence import convergence
from dlrun.pictures.cost_quality import cost_quality
from dlrun.pictures.hypervolume import hypervolume
from dlrun.pictures.parallel_coordinates import folded, parallel_coordinates
from dlrun.pictures.pareto_front import pareto_front
from dlrun.pictures.plots import draw_study
from dlrun.pictures.slices import slices
from dlrun.pictures.study_points import BEST, Axis, Point, StudyPoints, seeds
from dlrun.pictures.trial_curves import trial_curves

AXES = (
    Axis("optimizer.adam.lr", "log"),
    Axis("params.units", "linear"),
    Axis("params.activation", "category", ("relu", "$x$", 3)),
)


def point(number: int, value: float | None, status: str = "completed", seeds: int = 1) -> Point:
    settings = {
        "optimizer.adam.lr": 10.0 ** -(number + 1),
        "params.activation": ["relu", 3][number % 2],
    }
    if number:
        settings["params.units"] = number
    if value is None:
        return Point(number, status, (), settings, 1e6 * (number + 1))
    curves = tuple([value + seed + 1 / epoch for epoch in range(1, 6)] for seed in range(seeds))
    values = (value, 1e3 * (number % 4 + 1))
    ends = ((0.9 * value, 1.1 * value), None) if seeds > 1 else ()
    return Point(number, status, values, settings, 1e6 * (number + 1), curves, ends)


def study(points: tuple[Point, ...], sign: float = 1.0, **of: Any) -> StudyPoints:
    return StudyPoints("study", ("validation.loss",), (sign,), AXES, points, **of)


def legend(axes: Axes) -> list[str]:
    box = axes.get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


PICTURES: list[Callable[[StudyPoints], Figure]] = [
    trial_curves,
    convergence,
    cost_quality,
    slices,
    parallel_coordinates,
]
MIXED = (
    point(0, 0.5),
    point(1, 0.2),
    point(2, None, "failed"),
    point(3, 0.9, "pruned"),
    point(4, 0.8, "eliminated"),
)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    "points",
    [
        (point(0, 0.5),),
        MIXED,
        (point(0, 1e-6), point(1, 1e3), point(2, 0.1), point(3, 0.1)),
        (point(0, 0.5, "pruned"),),
    ],
    ids=["one", "mixed", "wide", "no-winner"],
)
def test_every_picture_of_any_study(tmp_path: Path, points: tuple[Point, ...], sign: float) -> None:
    files = draw_study(study(points, sign), tmp_path / "plots")
    assert len(files) == 5
    for file in files:
        with Image.open(file) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 10
    assert len(draw_study(StudyPoints("s", ("x",), (sign,), (), points), tmp_path / "plots")) == 3


def test_no_curves_are_drawn_of_runs_that_are_elsewhere(tmp_path: Path) -> None:
    points = (replace(point(0, 0.5), curves=()), replace(point(1, 0.2), curves=()))
    files = draw_study(StudyPoints("s", ("x",), (1.0,), AXES, points), tmp_path)
    assert "learning-curves" not in [each.stem for each in files] and len(files) == 4


def test_a_home_that_cannot_be_written_is_not_mentioned() -> None:
    names = ("HOME", "MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    env = {key: value for key, value in os.environ.items() if key not in names}
    done = subprocess.run(
        [sys.executable, "-c", "import dlrun.pictures.convergence"],
        env={**env, "HOME": "/proc/none"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_best_is_completed_and_best() -> None:
    points = (point(0, 0.1, "pruned"), point(1, 0.5), point(2, 0.4), point(3, None, "failed"))
    for sign, number in ((1.0, 2), (-1.0, 1)):
        best = StudyPoints("s", ("x",), (sign,), AXES, points).best
        assert best is not None and best.number == number
    assert StudyPoints("s", ("x",), (1.0,), AXES, (point(0, None, "failed"),)).best is None


def test_a_title_says_what_a_picture_shows_and_of_which_study() -> None:
    titles = [picture(study(MIXED)).get_suptitle().split("\n") for picture in PICTURES]
    assert len({what for what, _ in titles}) == len(PICTURES)
    assert {which for _, which in titles} == {"study · 5 trials"}
    (_, which) = convergence(study(MIXED[:1], repeats=3)).get_suptitle().split("\n")
    assert which == "study · 1 trial of 3 seeds"


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("repeats", [1, 3])
def test_the_best_trial_is_named_with_what_its_value_is(
    picture: Callable[[StudyPoints], Figure], repeats: int
) -> None:
    points = tuple(point(number, 0.5 - number / 10, seeds=repeats) for number in range(3))
    figure = picture(study(points, repeats=repeats))
    axes = figure.axes[0]
    value = "one seed" if repeats == 1 else "mean of 3 seeds, 95 % interval"
    assert f"best: trial 2 ({value})" in legend(axes)
    drawn = [line for line in axes.get_lines() if line.get_color() == BEST]
    assert drawn and max(line.get_linewidth() for line in drawn) > 1


def test_an_interval_is_drawn_for_each_trial_with_repeats() -> None:
    points = tuple(point(number, 0.5 - number / 10, seeds=3) for number in range(3))
    (axes,) = convergence(study(points, repeats=3)).axes
    upright = [
        list(map(float, line.get_ydata()))
        for line in axes.get_lines()
        if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1]
    ]
    assert sorted(upright) == sorted(
        [0.9 * each.values[0], 1.1 * each.values[0]] for each in points
    )
    (curves,) = trial_curves(study(points, repeats=3)).axes
    assert len(curves.collections) == 1  # the band of the best


def test_the_line_of_a_trial_is_the_mean_of_its_seeds() -> None:
    (axes,) = trial_curves(study((point(0, 0.5, seeds=3),), repeats=3)).axes
    (line,) = axes.get_lines()
    assert list(line.get_ydata()) == pytest.approx([1.5 + 1 / epoch for epoch in range(1, 6)])


def test_seeds_of_trials_that_have_a_different_number() -> None:
    assert seeds([point(0, 0.5), point(1, 0.5, seeds=3)]) == "mean of 1 to 3 seeds, 95 % interval"
    assert seeds([]) == "one seed"


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_colours_have_a_key_and_are_dark_enough_on_white(sign: float) -> None:
    points = tuple(point(number, 0.5 - number / 40) for number in range(12))
    figure = parallel_coordinates(study(points, sign))
    axes, key = figure.axes
    assert key.get_ylabel() == (f"validation.loss ({'lower' if sign > 0 else 'higher'} is better)")
    for line in axes.get_lines():
        red, green, blue = (int(to_hex(line.get_color())[i : i + 2], 16) for i in (1, 3, 5))
        assert 0.299 * red + 0.587 * green + 0.114 * blue < 150


def test_ticks_of_a_logarithmic_key_are_rounded() -> None:
    figure = parallel_coordinates(study(tuple(point(number, 0.1 * number) for number in range(4))))
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[:4] == ["1e-4", "1e-3", "0.01", "0.1"]
    axes = slices(study(tuple(point(number, 0.1 * number) for number in range(4)))).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1e-4", "1e-3", "0.01", "0.1"]


def test_ticks_of_whole_numbers_are_whole() -> None:
    axes = parallel_coordinates(study(tuple(point(number, 0.1) for number in range(4)))).axes[0]
    column = [text.get_text() for text in axes.texts if 1 < text.get_position()[0] < 2]
    assert column == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("key", "room", "lines"),
    [
        ("params.width", 14, ["params.width"]),
        ("optimizer.adam.lr", 12, ["optimizer.", "adam.lr"]),
        ("data.preprocess.scale", 12, ["data.prepr…", "scale"]),
    ],
)
def test_keys_are_folded_at_a_point(key: str, room: int, lines: list[str]) -> None:
    found = folded(key, room).split("\n")
    assert len(found) == len(lines) and found[-1] == lines[-1]
    assert max(map(len, found)) <= room


def test_numbers_that_have_no_room_are_counted() -> None:
    crowd = tuple(
        Point(number, "completed", (1 - number * 1e-6,), {}, 1e6 + number) for number in range(30)
    )
    far = Point(30, "completed", (0.1,), {}, 1e9)
    (axes,) = cost_quality(study((*crowd, far))).axes
    numbers = [text for text in axes.texts if text.get_text().isdigit()]
    assert "30" in {text.get_text() for text in numbers}
    left_out = 31 - len(numbers)
    assert left_out > 20
    note = f"no cheaper trial is better ({left_out} of 31 without number)"
    assert note in legend(axes)
    figure = axes.figure
    assert isinstance(figure, Figure)
    FigureCanvasAgg(figure).draw()
    boxes = [text.get_window_extent() for text in numbers]
    assert not any(one.overlaps(other) for one in boxes for other in boxes if one is not other)


def test_several_objectives_have_a_front() -> None:
    points = tuple(point(number, 0.5 - number / 10) for number in range(4))
    names = ("validation.loss", "cost.parameters")
    figure = pareto_front(StudyPoints("s", names, (1.0, 1.0), AXES, points))
    (axes,) = figure.axes
    assert figure.get_suptitle().startswith("Pareto front")
    assert {text.get_text() for text in axes.texts} == {"0", "1", "2", "3"}
    names = ("a", "b", "c", "d")
    many = tuple(Point(n, "completed", (n, -n, n, -n), {}, 1.0) for n in range(3))
    figure = pareto_front(StudyPoints("s", names, (1.0,) * 4, AXES, many))
    assert "3 of 6 pairs left out" in figure.get_suptitle()


@pytest.mark.parametrize("picture", PICTURES)
def test_several_objectives_have_no_best_trial(picture: Callable[[StudyPoints], Figure]) -> None:
    points = tuple(point(number, 0.5 - number / 10, seeds=2) for number in range(6))
    names = ("validation.loss", "cost.parameters")
    shown = StudyPoints("s", names, (1.0, 1.0), AXES, points, repeats=2)
    assert {each.number for each in shown.marked} == {4, 5}
    (axes, *_) = picture(shown).axes
    assert "best: " not in " ".join(legend(axes))
    assert any(text.startswith("Pareto front (mean of 2 seeds") for text in legend(axes))


@pytest.mark.parametrize("picture", PICTURES)
def test_a_legend_is_within_the_picture_and_nothing_overlaps_it(
    picture: Callable[[StudyPoints], Figure],
) -> None:
    statuses = ("completed", "eliminated", "pruned", "completed")
    points = tuple(
        replace(
            point(number, 3e16 / (number + 1), status, seeds=20 - number), number=100_000 + number
        )
        for number, status in enumerate(statuses)
    )
    figure = picture(study(points, repeats=20))
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    box = axes.get_legend()
    assert box is not None
    assert box.get_window_extent().x1 <= figure.bbox.x1
    assert axes.yaxis.get_offset_text().get_text() == ""


def test_a_curve_that_diverges_does_not_flatten_the_others() -> None:
    points = tuple(point(number, 0.5 - number / 20) for number in range(9))
    wild = replace(points[3], curves=((0.5, -3.8e16, 0.5, 0.4, 0.4),))
    (axes,) = trial_curves(study((*points[:3], wild, *points[4:]))).axes
    low, high = axes.get_ylim()
    assert -1 < low < high < 3
    assert axes.get_xlabel() == "epoch (1 value beyond the axis)"
    (axes,) = trial_curves(study(points)).axes
    assert axes.get_xlabel() == "epoch"


def test_the_hypervolume_is_drawn_by_trial() -> None:
    points = tuple(point(number, 0.5 - number / 10) for number in range(4))
    names = ("validation.loss", "cost.parameters")
    volumes = {0: 0.0, 1: 0.25, 3: 0.75}
    of: dict[str, Any] = {"volumes": volumes, "reference": (0.55, 4321.0)}
    shown = StudyPoints("s", names, (1.0, 1.0), AXES, points, **of)
    (axes,) = hypervolume(shown).axes
    line, added = axes.lines
    assert list(line.get_xdata()) == [0, 1, 3, 3]
    assert list(line.get_ydata()) == [0.0, 0.25, 0.75, 0.75]
    assert list(added.get_xdata()) == [1, 3]
    assert "up to the reference point: validation.loss 0.55, cost.parameters 4321" in legend(axes)


def test_uncertain_trials_are_open_dots() -> None:
    points = tuple(replace(point(n, 0.5 - n / 10, seeds=3), uncertain=n > 1) for n in range(4))
    names = ("validation.loss", "cost.parameters")
    (axes,) = pareto_front(StudyPoints("s", names, (1.0, 1.0), AXES, points)).axes
    assert "open: may or may not be on it" in legend(axes)
    open_dots = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    drawn = {(float(x), float(y)) for line in open_dots for x, y in line.get_xydata()}
    assert drawn == {each.values for each in points if each.uncertain}
