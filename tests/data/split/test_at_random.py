"""Random folds, stratified or not."""

from fractions import Fraction

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
    seeds,
    with_column,
)


@given(samples=st.integers(30, 200), folds=st.integers(2, 9), validation=fraction, seed=seeds)
def test_each_sample_tests_once(samples, folds, validation, seed):
    data = with_column(range(samples))
    divided = each_fold(data, seed, folds=folds, validation=validation)
    tested = np.concatenate([rows.test for rows in divided])
    assert sorted(tested.tolist()) == list(range(samples))
    sizes = [len(rows.test) for rows in divided]
    assert max(sizes) - min(sizes) <= 1
    for rows in divided:
        check_split(rows, samples)
        rest = samples - len(rows.test)
        assert abs(len(rows.validation) - Fraction(str(validation)) * rest) < 1


@given(
    sizes=st.lists(st.integers(12, 40), min_size=2, max_size=5),
    folds=st.integers(2, 6),
    seed=seeds,
)
def test_stratified_folds_have_the_mix_of_the_whole(sizes, folds, seed):
    codes = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    divided = each_fold(with_column(codes, codes), seed, folds=folds, stratify=True)
    counts = np.array([np.bincount(codes[rows.test], minlength=len(sizes)) for rows in divided])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()
    assert counts.sum(axis=1).max() - counts.sum(axis=1).min() <= 1
    assert sorted(np.concatenate([rows.test for rows in divided]).tolist()) == [*range(len(codes))]


def test_folds_that_cannot_be():
    with pytest.raises(DataError, match="5 folds of 3 samples: some would be empty"):
        Split(folds=5).rows(with_column(range(3)), 0)
    with pytest.raises(DataError, match="3 folds of 3 samples: some would be empty"):
        Split(folds=3, time="who").rows(with_column(range(3)), 0)
    with pytest.raises(DataError, match="class 'c1' has 2 samples, too few for 3 folds"):
        Split(folds=3, stratify=True).rows(with_column(range(12), [0] * 10 + [1] * 2), 0)
