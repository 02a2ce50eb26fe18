import numpy as np
import pytest

from dlrun.data.dataset import Column, Dataset
from dlrun.data.preprocess.impute import Impute
from dlrun.errors import DataError

NAN = np.nan
COLUMNS = (Column("age"), Column("city", ("Paris", "Rome", "Oslo")))
TRAIN = [[1, 2], [NAN, 2], [1, NAN], [2, 0], [10, 0]]


def dataset(inputs, columns=COLUMNS):
    inputs = np.asarray(inputs, dtype=np.float32)
    return Dataset(inputs, np.zeros((len(inputs), 1), np.float32), "regression", columns=columns)


@pytest.mark.parametrize(
    ("strategy", "age"), [("mean", 3.5), ("median", 1.5), ("most_frequent", 1.0)]
)
def test_strategies(strategy, age):
    step, train = Impute(strategy=strategy), dataset(TRAIN)
    fitted = step.restore(COLUMNS, step.measure(train))
    # Oslo and Paris are equally frequent: the first is taken, whatever the strategy.
    assert fitted.apply(train.inputs).tolist() == [[1, 2], [age, 2], [1, 0], [2, 0], [10, 0]]
    assert fitted.apply(dataset([[NAN, NAN], [100, 1]]).inputs).tolist() == [[age, 0], [100, 1]]
    assert np.isnan(train.inputs).sum() == 2
    assert fitted.columns == COLUMNS


def test_a_column_without_values_is_named():
    with pytest.raises(DataError, match="column 'city' has no value in the training set"):
        Impute().measure(dataset([[1, NAN], [NAN, NAN]]))


def test_images_are_refused():
    with pytest.raises(DataError, match="impute needs a table"):
        Impute().measure(dataset(np.zeros((2, 3, 3, 1)), None))
