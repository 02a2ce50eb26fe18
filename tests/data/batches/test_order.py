import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.batches.order import Batches, epoch_order, even_order, visits
from dlrun.data.dataset import Dataset


def dataset(samples):
    inputs = np.arange(samples * 6, dtype=np.float32).reshape(samples, 3, 2)
    return Dataset(inputs, np.arange(samples), "classification", ("a", "b"))


@given(samples=st.integers(1, 200), batch_size=st.integers(1, 250), epoch=st.integers(1, 1000))
def test_an_epoch_visits_every_sample_once(samples, batch_size, epoch):
    batches = Batches(dataset(samples), batch_size)
    order = epoch_order(samples, 1, epoch)
    rows = [batches.rows(order, step) for step in range(batches.steps)]
    assert sorted(np.concatenate(rows).tolist()) == list(range(samples))
    np.testing.assert_array_equal(np.concatenate(rows), order)
    sizes = [len(each) for each in rows]
    assert sizes[:-1] == [batches.full_size] * (batches.steps - 1)
    assert 1 <= sizes[-1] == batches.last_size <= batches.full_size <= batch_size


def test_the_order_follows_from_seed_and_epoch():
    orders = {tuple(epoch_order(50, seed, epoch).tolist()) for seed in (0, 1) for epoch in (1, 2)}
    assert len(orders) == 4
    assert tuple(epoch_order(50, 1, 2).tolist()) in orders


def test_the_order_never_changes():
    assert epoch_order(8, 7, 1).tolist() == [6, 7, 4, 1, 5, 3, 0, 2]


def test_gather():
    data = dataset(10)
    inputs, targets = np.empty((3, 3, 2), np.float32), np.empty(3, np.int64)
    rows = np.array([9, 0, 4])
    Batches(data, 3).gather(rows, inputs, targets)
    np.testing.assert_array_equal(inputs, data.inputs[rows])
    assert targets.tolist() == [9, 0, 4]


def test_gather_allocates_nothing():
    batches = Batches(dataset(4096), 2048)
    inputs, targets = np.empty((2048, 3, 2), np.float32), np.empty(2048, np.int64)
    rows = batches.rows(epoch_order(4096, 0, 1), 0)
    tracemalloc.start()
    batches.gather(rows, inputs, targets)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4096


@given(
    codes=st.lists(st.integers(0, 4), min_size=1, max_size=80).map(np.array),
    seed=st.integers(0, 2**63 - 1),
    epochs=st.integers(1, 30),
)
def test_an_even_order_visits_classes_and_their_samples_as_often(codes, seed, epochs):
    visits = np.zeros(len(codes), np.int64)
    for epoch in range(epochs):
        order = even_order(codes, seed, epoch)
        assert len(order) == len(codes)
        of_class = np.bincount(codes[order])[np.unique(codes)]
        assert of_class.max() - of_class.min() <= 1
        visits += np.bincount(order, minlength=len(codes))
    for code in np.unique(codes):
        own = visits[codes == code]
        assert own.max() - own.min() <= 1


def test_an_even_order_follows_from_seed_and_epoch():
    codes = np.array([0] * 30 + [1] * 10)
    orders = {tuple(even_order(codes, seed, epoch)) for seed in (0, 1) for epoch in (1, 2)}
    assert len(orders) == 4
    assert tuple(even_order(codes, 1, 2)) in orders
    assert even_order(np.array([0, 0, 0, 1]), 7, 1).tolist() == [3, 1, 0, 3]


def test_a_class_of_one_sample_among_many_is_quick_to_repeat():
    codes = np.array([0] * 199_999 + [1])
    assert np.bincount(codes[even_order(codes, 0, 3)]).tolist() == [100_000, 100_000]


@given(st.lists(st.integers(0, 9), max_size=60).map(lambda rows: np.array(rows, np.int64)))
def test_every_visit_has_a_number_of_its_own(order):
    numbers = visits(order, 10)
    np.testing.assert_array_equal(numbers % 10, order)
    assert len(set(numbers.tolist())) == len(order)
    for row in set(order.tolist()):
        own = numbers[order == row] // 10
        np.testing.assert_array_equal(own, np.arange(len(own)))
