from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dlrun.pictures.confusion_matrix import confusion_matrix
from dlrun.run_directory.confusion import Confusion


def matrix(k: int, classes: list[str] | None = None) -> Confusion:
    counts = np.random.default_rng(k).integers(0, 5, (k, k)) + 50 * np.eye(k, dtype=np.int64)
    names = classes or [f"class {i}" for i in range(k)]
    return Confusion(tuple(names), tuple(tuple(int(n) for n in row) for row in counts))


def draw(confusion: Confusion) -> Axes:
    figure = confusion_matrix(confusion, "digits")
    FigureCanvasAgg(figure).draw()
    return figure.axes[0]


def title(axes: Axes) -> str:
    assert isinstance(axes.figure, Figure)
    return axes.figure.get_suptitle()


def cells(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_cells_say_count_and_share_of_the_true_class() -> None:
    axes = draw(Confusion(("a", "b"), ((3, 1), (0, 0))))
    assert cells(axes) == ["3\n75%", "1\n25%", "0", "0"]
    assert title(axes) == "Confusion matrix: 3 of 4 correct (75%)\ndigits"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")


def test_nearly_all_is_not_rounded_to_all() -> None:
    axes = draw(Confusion(("a", "b"), ((9990, 10), (0, 1))))
    assert cells(axes)[:2] == ["9990\n99.9%", "10\n0.1%"]


@pytest.mark.parametrize(("k", "texts"), [(2, 4), (10, 100), (25, 625), (26, 0), (100, 0)])
def test_any_number_of_classes(k: int, texts: int) -> None:
    axes = draw(matrix(k))
    assert len(cells(axes)) == texts
    labels = axes.get_yticklabels()
    assert len(labels) == min(k, 40) or 25 <= len(labels) <= 40
    for side in (labels, axes.get_xticklabels()):
        boxes = [label.get_window_extent() for label in side]
        assert not any(a.overlaps(b) for a, b in pairwise(boxes))


def test_no_samples_at_all() -> None:
    assert "0 of 0 correct (-)" in title(draw(Confusion(("a",), ((0,),))))


def test_names_are_text_and_not_mathematics() -> None:
    axes = draw(matrix(3, ["$5 to $10", r"\frac{", "a very long name of a class"]))
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["$5 to $10", r"\frac{", "a very long name …"]
