from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.experiment.early_stopping import Mode
from dlrun.training.monitor import Monitor

VALUES = st.lists(st.one_of(st.floats(-100, 100), st.just(math.nan), st.just(math.inf)))


def improvements(monitor: Monitor, values: Sequence[float]) -> list[int]:
    """The epochs that the monitor calls better."""
    return [epoch for epoch, value in enumerate(values, 1) if monitor.record(epoch, value)]


@given(VALUES)
def test_the_best_is_the_smallest_and_the_first_of_it(values: list[float]) -> None:
    monitor = Monitor("min")
    improvements(monitor, values)
    numbers = [value for value in values if not math.isnan(value)]
    if numbers:
        assert monitor.best == min(numbers)
        assert monitor.best_epoch == values.index(min(numbers)) + 1
    else:
        assert monitor.best_epoch == 0
        assert math.isnan(monitor.best)


@given(VALUES, st.floats(0, 10), st.none() | st.floats(-50, 50), st.integers(1, 5))
def test_more_is_better_mirrors_less_is_better(
    values: list[float], min_delta: float, baseline: float | None, patience: int
) -> None:
    mirrored = None if baseline is None else -baseline
    less = Monitor("min", patience, min_delta, baseline)
    more = Monitor("max", patience, min_delta, mirrored)
    assert improvements(less, values) == improvements(more, [-value for value in values])
    assert (less.best_epoch, less.waited) == (more.best_epoch, more.waited)


@given(VALUES, st.floats(0, 10), st.none() | st.floats(-50, 50))
def test_every_improvement_is_larger_than_min_delta(
    values: list[float], min_delta: float, baseline: float | None
) -> None:
    found = [
        values[epoch - 1] for epoch in improvements(Monitor("min", 3, min_delta, baseline), values)
    ]
    before = [*([] if baseline is None else [baseline]), *found]
    assert all(earlier - later > min_delta for earlier, later in itertools.pairwise(before))


@given(VALUES, st.integers(1, 6), st.integers(0, 10))
def test_patience_is_epochs_in_a_row_behind_the_start_epoch(
    values: list[float], patience: int, start: int
) -> None:
    monitor = Monitor("min", patience, start_epoch=start)
    last = 0
    for epoch, value in enumerate(values, 1):
        if monitor.record(epoch, value):
            last = epoch
        waited = epoch - max(last, min(start, epoch))
        assert monitor.exhausted == (waited >= patience)
        assert monitor.patience_left == max(0, patience - waited)


@given(VALUES)
def test_without_patience_nothing_stops(values: list[float]) -> None:
    monitor = Monitor("min")
    improvements(monitor, values)
    assert not monitor.exhausted
    assert monitor.patience_left is None


@pytest.mark.parametrize(
    ("mode", "values", "epochs"),
    [("min", [0.5, 0.4, 0.4, 0.3], [2, 4]), ("max", [0.4, 0.6, 0.6, 0.7], [2, 4])],
)
def test_a_baseline_has_to_be_beaten_first(
    mode: Mode, values: list[float], epochs: list[int]
) -> None:
    assert improvements(Monitor(mode, 3, baseline=0.5), values) == epochs
