import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.batches import Batches, epoch_order
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
