import numpy as np
import pytest
from overview_cases import parts, table

from dlrun.data.dataset import Column, Dataset
from dlrun.data.overview import overview
from dlrun.data.parts import read_parts
from dlrun.data.samples import Lazy
from dlrun.data.section import DataSection
from dlrun.data.sources.digits import Digits
from dlrun.data.split.section import Split


class Held(Lazy):
    def __init__(self, array):
        super().__init__(array.shape, finite=True)
        self.array = array

    def read(self, start, out):
        out[...] = self.array[start : start + len(out)]

    def gather(self, rows, out):
        out[...] = self.array[rows]


def test_counts_ranges_and_gaps_of_a_table():
    columns = Column("age"), Column("city", ("P", "R", "S")), Column("one")
    train = table([[1, 0, 7], [3, 2, 7], [np.nan, np.nan, 7]], [0, 1, 1], *columns)
    found = overview(parts(train=train, test=table([[5, 1, 7]], [0], *columns)))
    assert {name: part.samples for name, part in found.parts.items()} == {"train": 3, "test": 1}
    assert found.parts["train"].classes == {"a": 1, "b": 2}
    age, city, _ = found.columns
    assert (age.name, age.categories, age.missing, age.distinct) == ("age", None, 1, 3)
    assert (age.low, age.mean, age.high) == (1.0, 3.0, 5.0)
    assert age.deviation == pytest.approx(np.std([1, 3, 5]))
    assert (city.categories, city.missing, city.distinct) == (3, 1, 3)
    assert [each.constant for each in found.columns] == [False, False, True]
    assert (found.constant, found.places) == (1, 3)


def test_numbers_to_predict():
    inputs, targets = np.zeros((4, 2), np.float32), np.array([[1.0], [2.0], [3.0], [6.0]], "f4")
    found = overview(parts(train=Dataset(inputs, targets, "regression")))
    values = found.parts["train"].targets
    assert (values.low, values.mean, values.high, values.distinct) == (1.0, 3.0, 6.0, 4)
    assert found.parts["train"].classes is None


def test_labels_and_classes_of_places():
    inputs = np.zeros((3, 2), np.float32)
    labels = np.array([[1, 0], [1, 1], [0, 0]], np.float32)
    found = overview(parts(train=Dataset(inputs, labels, "multi_label", ("u", "v"))))
    assert found.parts["train"].classes == {"u": 2, "v": 1}
    codes = np.array([[0, 1], [1, 1], [1, 0]])
    found = overview(parts(train=Dataset(inputs, codes, "classification", ("u", "v"))))
    assert found.parts["train"].classes == {"u": 2, "v": 4}


def test_samples_in_a_file_are_looked_at_as_well():
    array = np.random.default_rng(0).random((500, 6, 5, 2), dtype=np.float32)
    codes = np.arange(500) % 2
    both = [
        overview(parts(train=Dataset(inputs, codes, "classification", ("a", "b"))))
        for inputs in (array, Held(array))
    ]
    assert both[0] == both[1]
    assert [each.name for each in both[0].columns] == ["channel 0", "channel 1"]
    assert both[0].columns[1].mean == pytest.approx(array[..., 1].mean(), rel=1e-6)


def test_channels_of_parts_are_put_together(tmp_path):
    section = DataSection(source=Digits(), split=Split(validation=0.3, test=0.2))
    found = overview(read_parts(section, 0, tmp_path))
    whole = np.asarray(Digits().load(0, tmp_path).inputs, np.float64)
    (values,) = found.columns
    assert (values.mean, values.deviation) == pytest.approx((whole.mean(), whole.std()), rel=1e-9)
    assert (values.low, values.high) == (0.0, 1.0)
    assert found.constant == int((whole == whole[0]).all(axis=0).sum())
    assert found.leaks == ()


def test_texts_are_counted_in_characters_and_words():
    def texts(*given):
        inputs = np.empty(len(given), object)
        inputs[:] = given
        return Dataset(inputs, np.arange(len(given)) % 2, "classification", ("a", "b"))

    found = overview(parts(train=texts("one two", "three", "three"), test=texts("x", "one two")))
    assert [(each.name, each.low, each.high) for each in found.columns] == [
        ("characters", 1.0, 7.0),
        ("words", 1.0, 2.0),
    ]
    assert found.parts["train"].repeated == 1
    (leak,) = found.leaks
    assert (leak.samples, leak.contradicting, leak.pairs) == (1, 1, ((0, 4),))
