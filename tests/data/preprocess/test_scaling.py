"""Standardize and min_max, the steps that shift and scale."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dlrun.data.dataset import Column, Dataset
from dlrun.data.preprocess.min_max import MinMax
from dlrun.data.preprocess.standardize import Standardize

STEPS = [Standardize(), MinMax()]


def dataset(inputs, columns=None):
    inputs = np.asarray(inputs, dtype=np.float32)
    return Dataset(inputs, np.zeros((len(inputs), 1), np.float32), "regression", columns=columns)


def transformed(step, train, inputs=None):
    fitted = step.restore(train.columns, step.measure(train))
    assert fitted.columns == train.columns
    return fitted.apply(train.inputs if inputs is None else np.asarray(inputs, np.float32))


def numeric(count):
    return tuple(Column(f"x{number}") for number in range(count))


values = st.one_of(
    st.floats(-1000, 1000, width=32), st.just(float("nan")), st.sampled_from([0.0, 1.0])
)
tables = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=values
)


@given(inputs=tables)
def test_standardize_against_its_definition(inputs):
    result = transformed(Standardize(), dataset(inputs, numeric(inputs.shape[1])))
    assert result.dtype == np.float32
    exact = inputs.astype(np.float64)
    for column, got in zip(exact.T, result.T, strict=True):
        present = column[~np.isnan(column)]
        np.testing.assert_array_equal(np.isnan(got), np.isnan(column))
        if len(set(present.tolist())) > 1:
            expected = (column - present.mean()) / present.std()
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
        else:
            np.testing.assert_allclose(got[~np.isnan(got)], 0.0, atol=1e-4)


@given(inputs=tables)
def test_min_max_against_its_definition(inputs):
    result = transformed(MinMax(), dataset(inputs, numeric(inputs.shape[1])))
    exact = inputs.astype(np.float64)
    for column, got in zip(exact.T, result.T, strict=True):
        present = column[~np.isnan(column)]
        np.testing.assert_array_equal(np.isnan(got), np.isnan(column))
        if len(set(present.tolist())) > 1:
            expected = (column - present.min()) / np.ptp(present)
            np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)
        else:
            assert not got[~np.isnan(got)].any()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.kind)
def test_columns_without_values_or_spread_are_harmless(step):
    train = dataset([[np.nan, 0.1], [np.nan, 0.1], [np.nan, 0.1]], numeric(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = transformed(step, train)
    assert np.isnan(result[:, 0]).all()
    np.testing.assert_allclose(result[:, 1], 0.0, atol=1e-7)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.kind)
def test_codes_of_categories_stay(step):
    columns = (Column("city", ("a", "b", "c")), Column("size"))
    result = transformed(step, dataset([[0, 10], [2, 20], [1, 30]], columns))
    assert result[:, 0].tolist() == [0, 2, 1]
    assert result[:, 1].tolist() != [10, 20, 30]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.kind)
def test_images_are_scaled_by_channel(step):
    images = np.random.default_rng(0).random((20, 4, 5, 3)) * [1, 10, 100] + [0, 5, -7]
    by_channel = transformed(step, dataset(images)).reshape(-1, 3)
    as_table = transformed(step, dataset(images.reshape(-1, 3), numeric(3)))
    np.testing.assert_array_equal(by_channel, as_table)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.kind)
def test_statistics_come_from_the_training_part_only(step):
    train = dataset([[0.0], [4.0]], numeric(1))
    expected = {"standardize": [[-1.0], [1.0], [3.0]], "min_max": [[0.0], [1.0], [2.0]]}
    assert transformed(step, train, [[0.0], [4.0], [8.0]]).tolist() == expected[step.kind]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.kind)
def test_inputs_are_not_changed(step):
    train = dataset([[1.0], [4.0]], numeric(1))
    transformed(step, train)
    assert train.inputs.tolist() == [[1.0], [4.0]]


def test_a_large_mean_costs_no_digits():
    exact = 1e6 + np.arange(100_000) % 4
    result = transformed(Standardize(), dataset(exact[:, None], numeric(1)))
    assert abs(float(result.mean(dtype=np.float64))) < 1e-6
    assert float(result.std(dtype=np.float64)) == pytest.approx(1.0, abs=1e-6)


def test_many_chunks_give_the_statistics_of_the_whole():
    inputs = np.random.default_rng(1).normal(3, 2, (300_000, 3)).astype(np.float32)
    state = Standardize().measure(dataset(inputs, numeric(3)))
    exact = inputs.astype(np.float64)
    np.testing.assert_allclose(state["shift"], exact.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(state["scale"], exact.std(axis=0), rtol=1e-12)
