import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dlrun.data.dataset import Column, Dataset
from dlrun.data.preprocess.impute import Impute
from dlrun.data.preprocess.min_max import MinMax
from dlrun.data.preprocess.one_hot import OneHot
from dlrun.data.preprocess.pipeline import Pipeline, need_numbers
from dlrun.data.preprocess.standardize import Standardize
from dlrun.errors import DataError

COLUMNS = (Column("age"), Column("city", ("Paris", "Rome")))

steps = st.lists(
    st.sampled_from([Standardize(), MinMax(), OneHot(), Impute(), Impute(strategy="median")]),
    max_size=5,
)
rows = st.integers(1, 20).flatmap(
    lambda n: st.tuples(
        arrays.arrays(np.float32, n, elements=st.floats(-50, 50, width=32) | st.just(np.nan)),
        arrays.arrays(np.float32, n, elements=st.sampled_from([0.0, 1.0, np.nan])),
    )
)


def dataset(inputs, columns=COLUMNS):
    inputs = np.asarray(inputs, dtype=np.float32)
    return Dataset(inputs, np.zeros((len(inputs), 1), np.float32), "regression", columns=columns)


@given(steps=steps, train=rows, further=rows)
def test_a_restored_pipeline_is_the_fitted_one(steps, train, further):
    # The first row is whole, so that impute always has something to go by.
    train = dataset(np.vstack([[1.0, 0.0], np.stack(train, axis=1)]))
    further = dataset(np.stack(further, axis=1))
    fitted, behind = Pipeline.fit(steps, train)
    restored = Pipeline.restore(steps, COLUMNS, fitted.state())
    assert restored.columns == fitted.columns == behind.columns
    np.testing.assert_array_equal(fitted.apply(train).inputs, behind.inputs)
    np.testing.assert_array_equal(restored.apply(further).inputs, fitted.apply(further).inputs)
    np.testing.assert_array_equal(restored.transform(train.inputs), behind.inputs)
    assert restored.state().keys() == fitted.state().keys()
    assert behind.inputs.shape[1] == len(behind.columns)


def test_each_step_learns_from_what_is_before_it():
    train = dataset([[0, 0], [4, 1], [np.nan, 1]])
    pipeline, behind = Pipeline.fit([Impute(), OneHot(), MinMax()], train)
    assert behind.inputs.tolist() == [[0, 1, 0], [1, 0, 1], [0.5, 0, 1]]
    assert sorted(pipeline.state()) == ["0.fill", "2.scale", "2.shift"]


def test_more_than_ten_steps_keep_apart():
    train = dataset([[1.0, 0], [3.0, 1]])
    steps = [Standardize()] * 11
    pipeline, behind = Pipeline.fit(steps, train)
    restored = Pipeline.restore(steps, COLUMNS, pipeline.state())
    np.testing.assert_array_equal(restored.apply(train).inputs, behind.inputs)
    assert [sorted(state) for state in restored.states] == [["scale", "shift"]] * 11


def test_no_steps_change_nothing():
    train = dataset([[1.0, 0]])
    pipeline, behind = Pipeline.fit([], train)
    assert pipeline.columns == COLUMNS
    assert behind.inputs.tolist() == pipeline.apply(train).inputs.tolist() == [[1.0, 0.0]]
    assert pipeline.state() == {}


def test_what_a_network_cannot_read_is_named():
    numeric = (Column("age"), Column("size"), Column("x"))
    data = dataset([[np.nan, 1, np.nan], [np.nan, 1, 1]], numeric)
    with pytest.raises(DataError, match=r"missing in the test set: age \(2\), x \(1\); add impute"):
        need_numbers(data, "test")
    with pytest.raises(DataError, match="categorical columns must be encoded: city; add one_hot"):
        need_numbers(dataset([[1, 1]]), "train")
    need_numbers(dataset([[1, 1, 1]], numeric), "train")


def test_values_far_beyond_the_training_part_are_named():
    numeric = (Column("age"), Column("size"))
    train = dataset([[0, 0], [1e-10, 1]], numeric)
    pipeline, _ = Pipeline.fit([Standardize()], train)
    with pytest.raises(
        DataError, match=r"test set are beyond the range of 32-bit floats .*: age \(1\)"
    ):
        need_numbers(pipeline.apply(dataset([[1e38, 1]], numeric)), "test")
    images = dataset(np.full((1, 2, 2, 1), np.inf), None)
    with pytest.raises(DataError, match=r"training set .*: 4; correct"):
        need_numbers(images, "train")


def test_images_without_missing_values_are_ready():
    need_numbers(dataset(np.zeros((1, 2, 2, 1)), None), "train")
