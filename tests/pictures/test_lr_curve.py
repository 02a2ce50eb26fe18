from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from dlrun.errors import DataError
from dlrun.pictures.lr_curve import draw_lr_curve, lr_curve

RATES = [10.0 ** (place / 10 - 6) for place in range(60)]
LOSSES = [2.0 - place / 40 if place < 50 else 2.0**place for place in range(60)]


def test_points_a_line_and_a_mark() -> None:
    figure = lr_curve(RATES, LOSSES, LOSSES, RATES[30], "digits $5")
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "loss of a step",
        "smoothed",
        "falls fastest at 0.001",
    ]
    assert axes.get_xscale() == "log"
    low, high = axes.get_ylim()
    assert low < min(LOSSES) and 2.0 < high < 4.0  # not up to where it diverges
    assert figure.get_suptitle() == "Loss by learning rate\ndigits $5"


@pytest.mark.parametrize("losses", [LOSSES, [1.0] * 60])
def test_no_suggestion_is_no_mark(losses: list[float]) -> None:
    figure = lr_curve(RATES, losses, losses, None, "")
    FigureCanvasAgg(figure).draw()
    assert len(figure.axes[0].get_lines()) == 2


def test_the_file_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_lr_curve(tmp_path / name, RATES, LOSSES, LOSSES, None, "x")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with pytest.raises(DataError, match="gone"):
        draw_lr_curve(tmp_path / "gone" / "a.png", RATES, LOSSES, LOSSES, None, "x")
