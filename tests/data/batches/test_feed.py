import dataclasses
import threading

import numpy as np
import pytest

from dlrun.data.batches.feed import Feed
from dlrun.data.batches.order import Batches, epoch_order, even_order
from dlrun.data.dataset import Dataset
from dlrun.data.samples import Lazy
from dlrun.errors import DataError

WIDE = (64, 64)
"""Shape of samples of which a batch is worth a thread."""


class Held(Lazy):
    """Samples that show by whom they are gathered, and fail where they are told to."""

    def __init__(self, array, broken=-1):
        super().__init__(array.shape, finite=True)
        self.array, self.broken = array, broken
        self.readers = []

    def read(self, start, out):
        out[...] = self.array[start : start + len(out)]

    def gather(self, rows, out):
        self.readers.append(threading.current_thread() is threading.main_thread())
        if self.broken in rows:
            raise DataError(f"row {self.broken} is broken")
        out[...] = self.array[rows]


def batches(samples=50, batch_size=16, lazy=True, shape=WIDE, broken=-1):
    array = np.random.default_rng(0).random((samples, *shape), dtype=np.float32)
    inputs = Held(array, broken) if lazy else array
    targets = np.arange(samples, dtype=np.int64)
    return Batches(Dataset(inputs, targets, "classification", ("a", "b")), batch_size)


def filled(feed, of, epoch, step):
    inputs = np.full((of.size(step), *of.data.sample_shape), np.nan, np.float32)
    targets = np.full(of.size(step), -1)
    feed.fill(epoch, step, inputs, targets)
    return inputs, targets


def expected(of, epoch, step):
    rows = of.rows(epoch_order(len(of.data), 3, epoch), step)
    return of.data.inputs[rows], rows


@pytest.mark.parametrize("lazy", [True, False])
@pytest.mark.parametrize("shape", [WIDE, (2,)])
def test_every_batch_is_that_of_its_place(lazy, shape):
    of = batches(lazy=lazy, shape=shape)
    with Feed(of, 3, epochs=2) as feed:
        for epoch in (1, 2):
            for step in range(of.steps):
                inputs, targets = filled(feed, of, epoch, step)
                np.testing.assert_array_equal(inputs, expected(of, epoch, step)[0])
                np.testing.assert_array_equal(targets, expected(of, epoch, step)[1])


def test_classes_are_drawn_evenly_where_the_data_says_so():
    of = batches(lazy=False, shape=(2,))
    codes = (np.arange(50) < 5).astype(np.int64)
    data = dataclasses.replace(of.data, targets=codes, drawn_evenly=codes)
    of = Batches(data, 16)
    with Feed(of, 3, epochs=1) as feed:
        targets = np.concatenate([filled(feed, of, 1, step)[1] for step in range(of.steps)])
    assert np.bincount(targets).tolist() == [25, 25]
    np.testing.assert_array_equal(targets, codes[even_order(codes, 3, 1)])


def test_batches_may_be_asked_for_in_any_order():
    of = batches()
    with Feed(of, 3, epochs=9) as feed:
        for epoch, step in ((5, 2), (5, 3), (6, 0), (1, 0), (1, 3), (1, 1)):
            np.testing.assert_array_equal(
                filled(feed, of, epoch, step)[1], expected(of, epoch, step)[1]
            )


def test_a_thread_makes_all_batches_but_the_first():
    of = batches()
    with Feed(of, 3, epochs=2) as feed:
        for epoch in (1, 2):
            for step in range(of.steps):
                filled(feed, of, epoch, step)
    assert of.data.inputs.readers == [True] + [False] * 7  # and none beyond the last


def test_small_batches_are_not_worth_a_thread():
    of = batches(shape=(2,))
    with Feed(of, 3, epochs=1) as feed:
        filled(feed, of, 1, 0)
        filled(feed, of, 1, 1)
    assert of.data.inputs.readers == [True, True]


def test_a_fault_in_the_thread_reaches_the_step_that_needs_the_batch():
    order = epoch_order(50, 3, 1)
    of = batches(broken=order[20])  # it is in the second batch
    with Feed(of, 3, epochs=1) as feed:
        filled(feed, of, 1, 0)
        with pytest.raises(DataError, match="is broken"):
            filled(feed, of, 1, 1)


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_no_thread_is_left(steps):
    before = threading.active_count()
    of = batches()
    with Feed(of, 3, epochs=1) as feed:
        for step in range(steps):
            filled(feed, of, 1, step)
    assert threading.active_count() == before


@pytest.mark.parametrize("lazy", [True, False])
def test_made_samples_come_from_their_place_and_a_thread(lazy):
    of, makers = batches(lazy=lazy, shape=(2,)), []

    def make(epoch, rows, inputs, targets):
        makers.append(threading.current_thread() is threading.main_thread())
        inputs[...] = epoch
        targets[...] = rows

    with Feed(of, 3, epochs=2, make=make) as feed:
        for epoch in (1, 2):
            for step in range(of.steps):
                inputs, targets = filled(feed, of, epoch, step)
                np.testing.assert_array_equal(inputs, epoch)
                np.testing.assert_array_equal(targets, expected(of, epoch, step)[1])
    assert makers == [True] + [False] * 7
