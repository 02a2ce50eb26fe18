from __future__ import annotations

import math

import pytest

from dlrun import catalog
from dlrun.intervals import UNKNOWN, Scale
from dlrun.nn.metrics.base import Metric
from dlrun.summaries.scales import scale_of

catalog.load()


@pytest.mark.parametrize("name", list(Metric.family))
def test_the_table_is_that_of_the_metrics(name: str) -> None:
    bounds = Metric.family[name].bounds
    low, high = (end if math.isfinite(end) else None for end in bounds)
    bounded = low is not None and high is not None
    for score in (f"validation.{name}", f"test.{name}_3"):
        assert scale_of(score, 20) == Scale(low, high, 0.05 if bounded else 0.0)
        assert scale_of(score, 0) == Scale(low, high)


def test_other_scores() -> None:
    assert scale_of("train.loss", 20) == Scale(low=0.0)
    assert scale_of("cost.parameters", 20) == UNKNOWN
