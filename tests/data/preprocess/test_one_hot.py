import numpy as np
import pytest

from dlrun.data.dataset import Column, Dataset
from dlrun.data.preprocess import one_hot
from dlrun.data.preprocess.one_hot import OneHot
from dlrun.errors import DataError

COLUMNS = (Column("age"), Column("city", ("Paris", "Rome")), Column("size"), Column("x", ("a",)))


def dataset(inputs, columns):
    inputs = np.asarray(inputs, dtype=np.float32)
    return Dataset(inputs, np.zeros((len(inputs), 1), np.float32), "regression", columns=columns)


def test_categories_become_columns_in_their_place():
    data = dataset([[30, 1, 5, 0], [np.nan, 0, 6, np.nan], [50, np.nan, 7, 0]], COLUMNS)
    fitted = OneHot().restore(COLUMNS, OneHot().measure(data))
    assert [column.name for column in fitted.columns] == [
        "age",
        "city=Paris",
        "city=Rome",
        "size",
        "x=a",
    ]
    assert not any(column.categorical for column in fitted.columns)
    result = fitted.apply(data.inputs)
    expected = [[30, 0, 1, 5, 1], [np.nan, 1, 0, 6, 0], [50, 0, 0, 7, 1]]
    np.testing.assert_array_equal(result, np.array(expected, np.float32))
    assert result.dtype == np.float32


def test_numeric_columns_alone_stay():
    data = dataset([[1, 2]], (Column("a"), Column("b")))
    fitted = OneHot().restore(data.columns, OneHot().measure(data))
    assert fitted.columns == data.columns
    np.testing.assert_array_equal(fitted.apply(data.inputs), data.inputs)


def test_images_are_refused():
    with pytest.raises(DataError, match="one_hot needs a table"):
        OneHot().measure(dataset(np.zeros((2, 3, 3, 1)), None))


@pytest.mark.parametrize("code", [2.0, -1.0, 0.5, np.inf, 1e30])
def test_a_code_that_no_category_has(code):
    step = OneHot().restore((Column("size"), Column("city", ("Lyon", "Paris"))), {})
    with pytest.raises(
        DataError, match=r"^row 1: .* is not a category of column 'city'; .* 0 to 1"
    ):
        step.apply(np.array([[7.0, 1.0], [7.0, code]], np.float32))


def test_too_many_categories_are_named(monkeypatch):
    monkeypatch.setattr(one_hot, "memory", lambda: 4000 * 4)
    columns = (Column("age"), Column("id", tuple(f"n{number}" for number in range(600))))
    data = dataset([[1, 2]] * 4, columns)
    with pytest.raises(
        DataError,
        match=r"one_hot turns 'id' into 600 columns; .* set data.source.columns.id to ignore",
    ):
        OneHot().measure(data)
    assert OneHot().measure(dataset([[1, 2]] * 2, columns)) == {}
