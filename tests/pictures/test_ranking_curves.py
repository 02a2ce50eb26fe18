from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.axes import Axes

from dlrun.pictures.calibration import calibration
from dlrun.pictures.ranking_curves import precision_recall, roc
from dlrun.run_directory.curves import GRID, Calibration, ClassCurve, Curves, MeanCurve


def curve(name: str) -> ClassCurve:
    return ClassCurve(name, 2, 4, 0.75, 0.8, (0.9, 0.5, 0.1), (1, 2, 2), (0, 1, 4))


MEAN = MeanCurve(12, 0.7, 0.6, (0.5,) * GRID, (0.25,) * GRID)
BINARY = Curves("validation", 6, 6, 2, (curve("$5"),))
MANY = Curves("test", 900, 90, 12, tuple(curve(f"c{i}") for i in range(5)), MEAN)


def legend(axes: Axes) -> tuple[str, list[str]]:
    box = axes.get_legend()
    assert box is not None
    return box.get_title().get_text(), [text.get_text() for text in box.get_texts()]


def test_two_classes_have_one_curve() -> None:
    figure = roc(BINARY, "run · id")
    assert figure.get_suptitle() == "ROC curves on the validation set\nrun · id"
    (axes,) = figure.axes
    title, names = legend(axes)
    assert title == "positive class:\narea under the curve"
    assert names == ["random guess: 0.500", "$5: 0.750"]
    line = axes.get_lines()[1]
    assert list(line.get_xdata()) == [0, 0, 0.25, 1]
    assert list(line.get_ydata()) == [0, 0.5, 1, 1]
    (axes,) = precision_recall(BINARY, "run").axes
    assert legend(axes)[1] == ["$5: 0.800", "random guess: 0.333"]
    line = axes.get_lines()[0]
    assert list(line.get_xdata()) == [0, 0.5, 1, 1]
    assert list(line.get_ydata()) == pytest.approx([1, 1, 2 / 3, 2 / 6])


def test_what_is_not_drawn_is_said() -> None:
    for draw, mean in ((roc, "0.700"), (precision_recall, "0.600")):
        figure = draw(MANY, "run")
        assert "on the test set, 90 drawn of 900\n" in figure.get_suptitle()
        title, names = legend(figure.axes[0])
        assert "5 lowest areas,\n7 not drawn" in title
        assert names[-1] == f"mean of all 12: {mean}"
        colors = {line.get_color() for line in figure.axes[0].get_lines()[-6:]}
        assert len(colors) == 6


def test_calibration_leaves_out_empty_bins() -> None:
    found = Calibration(0.1234, (0, 5, 15), (0.0, 0.5, 0.9), (0.0, 0.6, 0.8))
    figure = calibration(replace(BINARY, calibration=found), found, "run")
    assert "calibration_error 0.123\n" in figure.get_suptitle()
    upper, lower = figure.axes
    line = upper.get_lines()[1]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0.5, 0.9], [0.6, 0.8])
    assert [bar.get_height() for bar in lower.patches] == [0, 5, 15]
