from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dlrun.data.dataset import Dataset
from dlrun.data.split.section import Split
from dlrun.errors import DataError
from tests.support.split_cases import each_fold, with_column

fraction = st.sampled_from([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4])
seeds = st.integers(0, 2**63 - 1)


def labelled(codes):
    codes = np.asarray(codes, dtype=np.int64)
    classes = tuple(f"c{code}" for code in range(codes.max() + 1))
    return Dataset(np.zeros((len(codes), 1), np.float32), codes, "classification", classes)


def measured(samples):
    return Dataset(
        np.zeros((samples, 1), np.float32), np.zeros((samples, 1), np.float32), "regression"
    )


def parts(rows):
    return rows.train, rows.validation, rows.test


@given(samples=st.integers(40, 400), validation=fraction, test=fraction, seed=seeds)
def test_parts_are_disjoint_complete_and_of_the_right_size(samples, validation, test, seed):
    rows = Split(validation=validation, test=test).rows(measured(samples), seed)
    together = np.concatenate(parts(rows))
    assert sorted(together.tolist()) == list(range(samples))
    shares = (1 - validation - test, validation, test)
    for part, share in zip(parts(rows), shares, strict=True):
        assert abs(len(part) - samples * share) < 1 + 1e-9
        assert (np.diff(part) > 0).all()
        assert part.dtype == np.int64


@given(
    sizes=st.lists(st.integers(40, 90), min_size=2, max_size=6),
    validation=fraction,
    test=fraction,
    seed=seeds,
)
def test_stratified_parts_have_the_mix_of_the_whole(sizes, validation, test, seed):
    data = labelled(np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes)))
    rows = Split(validation=validation, test=test, stratify=True).rows(data, seed)
    plain = Split(validation=validation, test=test).rows(data, seed)
    assert sorted(np.concatenate(parts(rows)).tolist()) == list(range(len(data)))
    for part, unstratified in zip(parts(rows), parts(plain), strict=True):
        assert len(part) == len(unstratified)
        counts = np.bincount(data.targets[part], minlength=len(sizes)).tolist()
        for count, size in zip(counts, sizes, strict=True):
            share = size * len(part) / len(data)
            assert floor(share + 1e-9) <= count <= ceil(share - 1e-9)


def test_the_split_is_drawn_from_the_seed():
    split, data = Split(validation=0.2, test=0.2), measured(20)
    first, again, other = (split.rows(data, seed) for seed in (7, 7, 8))
    assert [part.tolist() for part in parts(first)] == [part.tolist() for part in parts(again)]
    assert first.test.tolist() != other.test.tolist()


def test_the_split_never_changes():
    # Runs of old refer to these rows; a change here makes all of them unrepeatable.
    rows = Split(validation=0.25, test=0.25).rows(measured(12), 7)
    assert [part.tolist() for part in parts(rows)] == [
        [0, 3, 4, 6, 7, 10],
        [2, 9, 11],
        [1, 5, 8],
    ]
    rows = Split(validation=0.25, test=0.25, stratify=True).rows(labelled([0, 1, 0] * 4), 7)
    assert [part.tolist() for part in parts(rows)] == [
        [0, 3, 6, 7, 10, 11],
        [2, 4, 9],
        [1, 5, 8],
    ]


def test_the_test_part_does_not_depend_on_validation():
    data = measured(50)
    one, other = (Split(validation=share, test=0.2).rows(data, 3) for share in (0.1, 0.3))
    assert one.test.tolist() == other.test.tolist()


def test_fractions_are_decimals():
    # As floats 0.7 * 10 is below 7, and 0.1 + 0.2 above 0.3.
    rows = Split(validation=0.7, test=0.1).rows(measured(10), 0)
    assert [len(part) for part in parts(rows)] == [2, 7, 1]


def test_a_part_from_a_file_takes_no_rows():
    rows = Split(validation="v.csv", test="t.csv").rows(measured(5), 0)
    assert [len(part) for part in parts(rows)] == [5, 0, 0]
    rows = Split(validation="v.csv", test=0.2).rows(measured(5), 0)
    assert [len(part) for part in parts(rows)] == [4, 0, 1]


@pytest.mark.parametrize(
    ("split", "samples", "message"),
    [
        (Split(validation=0.1), 4, "validation set, 0.1 of 4 samples, is empty; raise data.spl"),
        (Split(test=0.1), 4, "test set, 0.1 of 4 samples, is empty; raise data.split.test"),
        (Split(validation=0.9), 2, "training set, 0.1 of 2 samples, is empty; lower"),
    ],
)
def test_empty_parts_are_refused(split, samples, message):
    with pytest.raises(DataError, match=message.replace(".", r"\.")):
        split.rows(measured(samples), 0)


def test_stratify_needs_classes():
    with pytest.raises(DataError, match=r"data\.split\.stratify needs classes"):
        Split(stratify=True).rows(measured(10), 0)
    with pytest.raises(
        DataError, match=r"data\.split\.stratify needs exactly one class per sample"
    ):
        Split(stratify=True).rows(labelled([[0, 1], [1, 0], [1, 1], [0, 0]]), 0)


def test_a_class_too_small_for_a_part_is_named():
    data = labelled([0] * 30 + [1])
    with pytest.raises(DataError, match="class 'c1' has 1 of 31 samples, too few for the"):
        Split(stratify=True).rows(data, 0)
    rows = Split(stratify=False).rows(data, 0)
    assert len(rows.validation) == 6


@pytest.mark.parametrize("share", [1.0, 1, -0.1, True, "", None, float("nan")])
def test_impossible_shares(share):
    with pytest.raises(ValidationError, match=r"must be a fraction .* or the path of a file"):
        Split(validation=share)


def test_shares_must_leave_something():
    with pytest.raises(ValidationError, match="leave no samples for training"):
        Split(validation=0.5, test=0.5)


def test_without_a_fold_the_first_is_looked_at():
    data = with_column(range(30))
    one, first = Split(folds=3).rows(data, 4), Split(folds=3, fold=1).rows(data, 4)
    assert one.test.tolist() == first.test.tolist()


def test_folds_never_change():
    # Runs of old refer to these rows; a change here makes all of them unrepeatable.
    divided = each_fold(with_column(range(9)), 7, folds=3, validation=0.2)
    assert [rows.test.tolist() for rows in divided] == [[0, 1, 3], [2, 6, 7], [4, 5, 8]]
    assert [rows.validation.tolist() for rows in divided] == [[6], [0], [2]]
    rows = Split(by="who", test=0.2).rows(with_column([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 2), 7)
    assert [part.tolist() for part in parts(rows)] == [
        [0, 1, 4, 5, 6, 9, 10, 11, 14, 15, 16, 19],
        [2, 3, 12, 13],
        [7, 8, 17, 18],
    ]


def test_a_seed_of_its_own():
    data = with_column(range(40))
    assert (
        Split(seed=5).rows(data, 1).validation.tolist() == Split().rows(data, 5).validation.tolist()
    )
    assert (
        Split(seed=5).rows(data, 1).validation.tolist() != Split().rows(data, 1).validation.tolist()
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"by": "a", "time": "b"}, "'by' and 'time' cannot be combined"),
        (
            {"part": "a", "test": 0.1},
            "'part' defines the validation and test set; remove the fractions",
        ),
        ({"part": "a", "folds": 3}, "'folds' cannot be combined with 'part'"),
        (
            {"lists": {"test": "t"}, "validation": "v.csv"},
            "'lists' defines the validation and test set",
        ),
        ({"time": "a", "stratify": True}, "'stratify' cannot be combined with 'time'"),
        ({"folds": 3, "test": 0.1}, "with 'folds' every fold is the test set once; remove 'test'"),
        ({"folds": 3, "fold": 4}, "'fold' is 4, but there are 3 folds"),
        ({"fold": 1}, "'fold' needs 'folds'"),
        ({"folds": 1}, "greater than or equal to 2"),
        ({"lists": {}}, "at least 1"),
        ({"lists": {"dev": "t"}}, "dev"),
    ],
)
def test_what_does_not_fit_together(fields, message):
    with pytest.raises(ValidationError, match=message):
        Split(**fields)
