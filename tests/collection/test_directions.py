from __future__ import annotations

import pytest

from dlrun import catalog
from dlrun.collection.directions import direction, monitored
from dlrun.nn.metrics.base import Metric

catalog.load()


@pytest.mark.parametrize("name", list(Metric.family))
def test_the_table_is_that_of_the_metrics(name: str) -> None:
    for score in (name, f"validation.{name}", f"test.{name}_3"):
        assert direction(score) == Metric.family[name].better


def test_the_monitor_is_that_of_the_spec_or_the_first_loss() -> None:
    spec = {"early_stopping.monitor": "validation.accuracy", "early_stopping.mode": "auto"}
    assert monitored(spec, {}) == ("validation.accuracy", "max")
    assert monitored({**spec, "early_stopping.mode": "min"}, {}) == ("validation.accuracy", "min")
    assert monitored({}, {"train.loss": 1, "validation.loss": 1}) == ("validation.loss", "min")
    assert monitored({}, {"train.loss": 1}) == ("train.loss", "min")
    assert monitored({}, {}) == (None, "min")
