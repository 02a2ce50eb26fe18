import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from overview_cases import parts, table

from dlrun.data.overview import overview


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
