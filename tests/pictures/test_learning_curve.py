from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dlrun.pictures.learning_curve import learning_curve


def columns(epochs: int) -> dict[str, list[float]]:
    steps = [float(epoch) for epoch in range(1, epochs + 1)]
    return {
        "epoch": steps,
        "lr": [0.1] * epochs,
        "train.accuracy": [1 - 1 / (epoch + 1) for epoch in steps],
        "train.loss": [1 / epoch for epoch in steps],
        "validation.loss": [1.2 / epoch for epoch in steps],
        "validation.accuracy": [0.9 - 0.9 / (epoch + 1) for epoch in steps],
    }


def drawn(figure: Figure) -> list[Axes]:
    FigureCanvasAgg(figure).draw()
    return figure.axes


def legend(axes: Axes) -> list[str]:
    box = axes.get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


@pytest.mark.parametrize("epochs", [1, 2, 60, 500])
def test_a_panel_a_metric_and_a_curve_a_part(epochs: int) -> None:
    table = columns(epochs)
    figure = learning_curve(table, "digits", best_epoch=1)
    loss, accuracy = drawn(figure)
    assert figure.get_suptitle() == "Loss and metrics by epoch (one run)\ndigits"
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    for axes, name in ((loss, "loss"), (accuracy, "accuracy")):
        assert axes.get_xlabel() == "epoch"
        assert legend(axes) == ["train", "validation", "best epoch 1"]
        for line, part in zip(axes.get_lines(), ("train", "validation"), strict=False):
            np.testing.assert_array_equal(line.get_xdata(), table["epoch"])
            np.testing.assert_array_equal(line.get_ydata(), table[f"{part}.{name}"])
        assert all(tick == int(tick) for tick in axes.get_xticks())


@pytest.mark.parametrize("best_epoch", [None, 0])
def test_no_best_epoch_is_no_mark(best_epoch: int | None) -> None:
    for axes in drawn(learning_curve(columns(5), "", best_epoch)):
        assert legend(axes) == ["train", "validation"]


def test_what_is_not_finite_leaves_a_gap() -> None:
    table = columns(5)
    table["train.loss"][2] = math.inf
    table["train.loss"][3] = math.nan
    loss, _ = drawn(learning_curve(table, "", None))
    np.testing.assert_array_equal(loss.get_lines()[0].get_ydata(), [1, 1 / 2, np.nan, np.nan, 0.2])
    low, high = loss.get_xlim()
    assert low < 1
    assert high > 5


def test_a_metric_without_a_finite_value_says_so() -> None:
    table = {"epoch": [1.0], "train.loss": [math.nan]}
    (loss,) = drawn(learning_curve(table, "", None))
    assert [text.get_text() for text in loss.texts] == ["no finite value"]


def test_a_loss_over_orders_of_magnitude_is_logarithmic() -> None:
    table = {"epoch": [1.0, 2.0, 3.0], "train.loss": [1e30, 1.0, 0.001]}
    (loss,) = drawn(learning_curve(table, "", None))
    assert loss.get_yscale() == "log"
    table = {"epoch": [1.0, 2.0], "train.loss": [1.0, 0.02]}
    (loss,) = drawn(learning_curve(table, "", None))
    assert loss.get_yscale() == "linear"
