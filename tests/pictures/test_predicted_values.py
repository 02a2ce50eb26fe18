from __future__ import annotations

import numpy as np
import pytest

from dlrun.pictures.predicted_values import predicted_values
from dlrun.run_directory.curves import Curves, Predicted

TRUE, SAID = (1.0, 2.0, 3.0), (1.5, 2.0, 2.5)


@pytest.mark.parametrize("targets", [1, 3])
def test_each_target_has_predictions_and_residuals(targets: int) -> None:
    each = Predicted("target $1", 30, 0.75, 0.41, -0.1, TRUE, SAID)
    figure = predicted_values(Curves("validation", 30, 30, predicted=(each,) * targets), "run")
    assert figure.get_suptitle() == "Predicted against true values of the validation set\nrun"
    assert len(figure.axes) == 2 * targets
    left, right = figure.axes[:2]
    dots, identity = left.get_lines()
    assert (tuple(dots.get_xdata()), tuple(dots.get_ydata())) == (TRUE, SAID)
    assert list(identity.get_xdata()) == list(identity.get_ydata())
    assert left.get_title("right") == "R² 0.75, RMSE 0.41, n 30, 3 drawn"
    residuals = right.get_lines()[0]
    assert list(residuals.get_ydata()) == [0.5, 0.0, -0.5]


def test_predictions_far_away_are_counted() -> None:
    each = Predicted("y", 3, None, 1e6, 1e6, TRUE, (1.5, 2.0, 1e9))
    left, right = predicted_values(Curves("test", 3, 3, predicted=(each,)), "run").axes
    assert left.get_ylim()[1] < 10
    assert left.get_title("right") == "RMSE 1e+06, n 3, 1 outside"
    assert len(right.get_lines()[0].get_xdata()) == 2
    assert np.isfinite(right.get_ylim()).all()
