"""Splits and folds of whole groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.split.section import Split
from dlrun.errors import DataError
from tests.support.split_cases import (
    check_split,
    each_fold,
    fraction,
    groups,
    parts,
    seeds,
    with_column,
)


@given(given=groups, validation=fraction, test=fraction, seed=seeds)
def test_no_group_is_in_two_parts(given, validation, test, seed):
    split = Split(by="who", validation=validation, test=test)
    rows = split.rows(with_column(given), seed)
    check_split(rows, len(given))
    held = [{given[row] for row in part} for part in parts(rows)]
    assert sum(map(len, held)) == len(set.union(*held))
    assert [bool(part) for part in held] == [True, validation > 0, test > 0]


@given(given=groups, seed=seeds, shuffle=seeds)
def test_which_group_is_where_does_not_depend_on_the_order_of_rows(given, seed, shuffle):
    split = Split(by="who", validation=0.2, test=0.2)
    order = np.random.default_rng(shuffle).permutation(len(given))
    first = split.rows(with_column(given), seed)
    other = split.rows(with_column([given[row] for row in order]), seed)
    for one, two in zip(parts(first), parts(other), strict=True):
        assert {given[row] for row in one} == {given[order[row]] for row in two}


@given(number=st.integers(30, 90), size=st.integers(1, 5), seed=seeds)
def test_many_equal_groups_give_parts_of_the_sizes_asked_for(number, size, seed):
    data = with_column(np.repeat(np.arange(number), size))
    rows = Split(by="who", validation=0.2, test=0.3).rows(data, seed)
    for part, share in zip(parts(rows), (0.5, 0.2, 0.3), strict=True):
        assert abs(len(part) - share * len(data)) <= 1.5 * size


def test_large_groups_are_found_in_all_parts():
    sizes = np.repeat(np.arange(40), [30] * 10 + [3] * 30)
    large = [0, 0, 0]
    for seed in range(20):
        rows = Split(by="who", validation=0.2, test=0.2).rows(with_column(sizes), seed)
        for number, part in enumerate(parts(rows)):
            large[number] += len(set(sizes[part].tolist()) & set(range(10)))
    assert [count / sum(large) for count in large] == pytest.approx([0.6, 0.2, 0.2], abs=0.05)


@given(seed=seeds)
def test_groups_can_be_stratified(seed):
    random = np.random.default_rng(seed)
    who = random.integers(0, 60, 600)
    codes = (random.random(60) < 0.3).astype(int)[who]  # a group has one class
    split = Split(by="who", validation=0.25, test=0.25, stratify=True)
    rows = split.rows(with_column(who, codes), seed)
    for part in parts(rows):
        assert abs(codes[part].mean() - codes.mean()) < 0.05


def test_groups_that_cannot_be_divided():
    with pytest.raises(DataError, match="2 groups are too few for 3 sets"):
        Split(by="who", test=0.2).rows(with_column([0, 1] * 20), 0)
    with pytest.raises(DataError, match=r"t\.csv:4: column 'who': the cell is empty; fill it in"):
        Split(by="who").rows(with_column(["a", "b", "", "c"]), 0)
    codes = [0] * 40 + [1]
    with pytest.raises(DataError, match="class 'c1' is in too few groups to be in every set"):
        Split(by="who", stratify=True).rows(with_column([*range(40), 40], codes), 0)


@given(given=groups, folds=st.integers(2, 4), seed=seeds)
def test_folds_of_groups(given, folds, seed):
    divided = each_fold(with_column(given), seed, folds=folds, by="who", validation=0.2)
    tested = np.concatenate([rows.test for rows in divided])
    assert sorted(tested.tolist()) == list(range(len(given)))
    for rows in divided:
        check_split(rows, len(given))
        held = [{given[row] for row in part} for part in parts(rows)]
        assert sum(map(len, held)) == len(set(given))
