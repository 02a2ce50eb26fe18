"""Splits and folds by time."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.dataset import Dataset
from dlrun.data.side_columns import SideColumn
from dlrun.data.split.section import Split
from dlrun.errors import DataError
from tests.support.split_cases import (
    check_split,
    each_fold,
    fraction,
    parts,
    seeds,
    times,
    with_column,
)


@given(given=times, validation=fraction, test=fraction, seed=seeds)
def test_by_time_the_latest_test(given, validation, test, seed):
    rows = Split(time="when", validation=validation, test=test).rows(
        with_column(given, name="when"), seed
    )
    check_split(rows, len(given))
    found = [[given[row] for row in part] for part in parts(rows) if len(part)]
    for earlier, later in pairwise(found):
        assert max(earlier) < min(later)


@pytest.mark.parametrize(
    ("sizes", "validation", "test", "expected"),
    [
        # A panel: of each day several rows.  20 % of 10 rows are 2, and a day has 5.
        ([5, 5], 0.2, 0, [5, 5, 0]),
        ([4, 3, 3], 0.2, 0.2, [4, 3, 3]),
        # The boundary nearest to what is asked: 70 of 100 rows train, where 68 or 75 could.
        ([68, 7, 25], 0.3, 0, [68, 32, 0]),
        ([60, 12, 28], 0.3, 0, [72, 28, 0]),
        ([40, 30, 15, 15], 0.15, 0.15, [70, 15, 15]),
        # Each part has an instant where the nearest boundary is the same for both.
        ([1, 98, 1], 0.1, 0.1, [1, 98, 1]),
        ([97, 1, 1, 1], 0.1, 0.1, [97, 1, 2]),
    ],
)
def test_samples_of_one_time_stay_together(sizes, validation, test, expected):
    days = np.repeat([f"2026-01-{day:02}" for day in range(1, len(sizes) + 1)], sizes)
    order = np.random.default_rng(0).permutation(len(days))
    split = Split(time="when", validation=validation, test=test)
    rows = split.rows(with_column(days[order], name="when"), 0)
    check_split(rows, len(days))
    assert [len(part) for part in parts(rows)] == expected
    held = [set(days[order][part]) for part in parts(rows)]
    assert sum(map(len, held)) == len(sizes)


def test_fewer_times_than_parts_cannot_be_divided():
    given = ["2026-01-01"] * 5 + ["2026-01-02"] * 5
    with pytest.raises(DataError, match="2 different times are too few for 3 sets, because"):
        Split(time="when", test=0.2).rows(with_column(given, name="when"), 0)
    with pytest.raises(DataError, match="2 different times are too few for 3 periods"):
        Split(time="when", folds=2, validation=0).rows(with_column(given, name="when"), 0)


def test_times_of_one_moment_written_in_several_ways_are_one():
    given = ["2026-01-01T12:00Z"] * 4 + ["2026-01-01T13:00+01:00"] * 4 + ["2026-01-02"] * 2
    rows = Split(time="when", validation=0.5).rows(with_column(given, name="when"), 0)
    assert rows.train.tolist() == [*range(8)]


@given(given=st.lists(st.integers(-999, 999), min_size=10, max_size=60, unique=True), seed=seeds)
def test_what_is_late_does_not_depend_on_the_order_of_rows(given, seed):
    order = np.random.default_rng(seed).permutation(len(given))
    split = Split(time="when", validation=0.2, test=0.2)
    first = split.rows(with_column(given, name="when"), 0)
    other = split.rows(with_column([given[row] for row in order], name="when"), 0)
    for one, two in zip(parts(first), parts(other), strict=True):
        assert {given[row] for row in one} == {given[order[row]] for row in two}


@given(given=times, folds=st.integers(2, 5), seed=seeds)
def test_folds_of_time_train_on_the_past(given, folds, seed):
    divided = each_fold(
        with_column(given, name="when"), seed, folds=folds, time="when", validation=0
    )
    trained = 0
    for rows in divided:
        assert max(given[row] for row in rows.train) < min(given[row] for row in rows.test)
        assert len(rows.train) > trained
        trained = len(rows.train)
    assert trained + len(divided[-1].test) == len(given)


def test_a_fold_with_too_few_times_before_it_is_named():
    split = Split(time="t", folds=3, validation=0.25)
    times = SideColumn("t", [str(n // 4) for n in range(16)], lambda row, what: DataError(what))
    data = Dataset(np.zeros((16, 1)), np.zeros((16, 1)), "regression", side_columns={"t": times})
    with pytest.raises(DataError, match=r"^fold 1 of 3, .* 4 samples are: 1 time is too few for 2"):
        split.rows(data, 0, Path())
