"""Data for tests of splits: samples with a side column, and checks of sets of rows."""

import numpy as np
from hypothesis import strategies as st

from dlrun.data.dataset import Dataset
from dlrun.data.side_columns import SideColumn
from dlrun.data.split.section import Split
from dlrun.data.tables.text_column import TextColumn

seeds = st.integers(0, 2**63 - 1)
fraction = st.sampled_from([0, 0.1, 0.2, 0.3])
groups = st.lists(st.integers(0, 11), min_size=60, max_size=200).filter(
    lambda given: len(set(given)) >= 8
)
times = st.lists(st.integers(-9, 9), min_size=10, max_size=80).filter(
    lambda given: len(set(given)) >= 7  # more than folds and parts there are in these tests
)


def with_column(values, codes=None, name="who"):
    values = [str(value) for value in values]
    column = TextColumn("t.csv", name, values, range(2, len(values) + 2), frozenset(("",)))
    side_columns = {name: SideColumn.of(column)}
    inputs = np.zeros((len(values), 1), np.float32)
    if codes is None:
        return Dataset(
            inputs, np.zeros((len(values), 1), np.float32), "regression", side_columns=side_columns
        )
    codes = np.asarray(codes, np.int64)
    names = tuple(f"c{code}" for code in range(codes.max() + 1))
    return Dataset(inputs, codes, "classification", names, side_columns=side_columns)


def parts(rows):
    return rows.train, rows.validation, rows.test


def check_split(rows, samples):
    together = np.concatenate(parts(rows))
    assert sorted(together.tolist()) == list(range(samples))
    for part in parts(rows):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


def each_fold(data, seed=0, **fields):
    folds = fields["folds"]
    return [Split(fold=fold, **fields).rows(data, seed) for fold in range(1, folds + 1)]
