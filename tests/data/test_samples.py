import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.samples import Chosen, Lazy, Transformed, chunks, gather, take, transform


class Held(Lazy):
    """An array that is read like a file."""

    def __init__(self, array):
        super().__init__(array.shape, finite=True)
        self.array = array
        self.read_samples = 0

    def read(self, start, out):
        self.read_samples += len(out)
        out[...] = self.array[start : start + len(out)]

    def gather(self, rows, out):
        self.read_samples += len(out)
        out[...] = self.array[rows]


def table(rows):
    return np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)


def test_lazy_samples_are_indexed_like_an_array():
    array = table(20)
    lazy = Held(array)
    assert (len(lazy), lazy.shape, lazy.dtype) == (20, (20, 3), np.float32)
    for index in (slice(3, 9), slice(15, 99), slice(9, 3), slice(None), np.array([7, 0, 7])):
        np.testing.assert_array_equal(lazy[index], array[index])
    np.testing.assert_array_equal(np.asarray(lazy), array)


@given(rows=st.sets(st.integers(0, 199), min_size=1), start=st.integers(0, 200), data=st.data())
def test_chosen_rows_are_those_of_a_copy(rows, start, data):
    array, chosen = table(200), np.array(sorted(rows))
    lazy = take(Held(array), chosen)
    assert isinstance(lazy, Chosen)
    assert lazy.shape == (len(chosen), 3)
    np.testing.assert_array_equal(lazy[start : start + 50], array[chosen][start : start + 50])
    some = np.array(data.draw(st.lists(st.integers(0, len(chosen) - 1), min_size=1)))
    np.testing.assert_array_equal(lazy[some], array[chosen][some])


def test_chosen_rows_far_apart_are_read_one_by_one():
    dense, sparse = Held(table(4000)), Held(table(4000))
    _ = take(dense, np.arange(0, 4000, 2))[:]
    assert dense.read_samples == 3999
    _ = take(sparse, np.arange(0, 4000, 40))[:]
    assert sparse.read_samples == 100


def test_a_step_is_applied_to_what_is_read():
    array = table(30)
    lazy = Held(array)

    def wider(inputs):
        return np.concatenate([inputs * 2, inputs], axis=1)

    behind = transform(lazy, wider)
    assert isinstance(behind, Transformed)
    assert behind.shape == (30, 6)
    assert lazy.read_samples == 0
    assert not behind.finite
    rows = np.array([4, 29])
    np.testing.assert_array_equal(behind[rows], wider(array[rows]))
    np.testing.assert_array_equal(take(behind, rows)[:], wider(array[rows]))
    np.testing.assert_array_equal(np.asarray(behind), transform(array, wider))


def test_gather_is_the_same_in_memory_and_not():
    array, rows = table(30), np.array([3, 29, 3])
    outs = [np.empty((3, 3), np.float32) for _ in range(2)]
    gather(array, rows, outs[0])
    gather(Held(array), rows, outs[1])
    np.testing.assert_array_equal(outs[0], array[rows])
    np.testing.assert_array_equal(outs[1], array[rows])


def test_chunks_depend_on_the_shape_of_a_sample_alone():
    array = np.zeros((5000, 10, 11), np.float32)
    sizes = [len(chunk) for chunk in chunks(array)]
    assert sizes == [2383, 2383, 234]
    assert [len(chunk) for chunk in chunks(Held(array))] == sizes
    assert [len(chunk) for chunk in chunks(np.zeros((2, 1 << 19)))] == [1, 1]
