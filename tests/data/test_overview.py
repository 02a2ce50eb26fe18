import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.dataset import Column, Dataset
from dlrun.data.overview import overview
from dlrun.data.prepared import Parts, read_parts
from dlrun.data.samples import Lazy
from dlrun.data.section import DataSection
from dlrun.data.sources.digits import Digits
from dlrun.data.split import Split


class Held(Lazy):
    def __init__(self, array):
        super().__init__(array.shape, finite=True)
        self.array = array

    def read(self, start, out):
        out[...] = self.array[start : start + len(out)]

    def gather(self, rows, out):
        out[...] = self.array[rows]


def parts(**data):
    start, rows = 0, {}
    for name, part in data.items():
        rows[name] = np.arange(start, start + len(part))
        start += len(part)
    return Parts(data, rows, "")


def table(inputs, codes, *columns):
    inputs = np.asarray(inputs, np.float32)
    named = columns or tuple(Column(f"x{n}") for n in range(inputs.shape[1]))
    return Dataset(inputs, np.asarray(codes), "classification", ("a", "b"), named)


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


def test_leaks_between_parts_and_repeats_within():
    train = table([[0.0, 1], [2, 3], [2, 3], [4, np.nan]], [0, 0, 1, 0])
    test = table([[9, 9], [-0.0, 1], [4, np.nan], [2, 3]], [0, 1, 0, 1])
    found = overview(parts(train=train, validation=table([[8, 8]], [0]), test=test))
    assert found.parts["train"].repeated == 1
    (leak,) = found.leaks
    assert (leak.part, leak.of, leak.samples) == ("test", "train", 3)
    assert leak.contradicting == 1  # of [2, 3] the part for training has both targets
    assert leak.pairs == ((0, 6), (3, 7), (1, 8))


def test_only_some_pairs_are_named():
    rows = np.arange(20.0)[:, None]
    found = overview(parts(train=table(rows, [0] * 20), test=table(rows, [0] * 20)))
    assert found.leaks[0].samples == 20
    assert len(found.leaks[0].pairs) == 5


@given(
    seed=st.integers(0, 2**32 - 1),
    train=st.integers(1, 60),
    test=st.integers(1, 60),
    width=st.integers(1, 4),
)
def test_leaks_are_those_that_a_comparison_of_all_rows_finds(seed, train, test, width):
    random = np.random.default_rng(seed)
    first, second = (random.integers(0, 3, (n, width)).astype(np.float32) for n in (train, test))
    found = overview(parts(train=table(first, [0] * train), test=table(second, [0] * test)))
    known = {tuple(row) for row in first.tolist()}
    shared = sum(tuple(row) in known for row in second.tolist())
    assert sum(leak.samples for leak in found.leaks) == shared
    assert found.parts["train"].repeated == train - len(known)


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
