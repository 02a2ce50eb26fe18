"""Occupied memory by moment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlrun.nn.engine.occupied import Moments, Ranges

_SPAN = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda ends: (min(ends), max(ends)))
_BLOCK = st.tuples(st.lists(_SPAN, min_size=1, max_size=2), st.integers(0, 40), st.integers(1, 9))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9))), st.integers(1, 9))
def test_ranges_find_the_first_gap(added: list[tuple[int, int]], size: int) -> None:
    ranges, taken = Ranges(), set()
    for start, length in added:
        ranges.add(start, start + length)
        taken |= set(range(start, start + length))
    offset = 0
    while taken & set(range(offset, offset + size)):
        offset += 1
    assert ranges.past(0, size) == offset


@given(st.lists(_BLOCK, max_size=12), _BLOCK)
def test_a_block_is_in_the_way_only_at_its_moments(
    blocks: list[tuple[list[tuple[int, int]], int, int]],
    asked: tuple[list[tuple[int, int]], int, int],
) -> None:
    moments, taken = Moments(13), set()
    for spans, start, length in blocks:
        moments.occupy(spans, start, start + length)
        taken |= {
            (moment, byte)
            for first, last in spans
            for moment in range(first, last + 1)
            for byte in range(start, start + length)
        }
    spans, _, size = asked
    needed = {moment for first, last in spans for moment in range(first, last + 1)}
    offset = 0
    while any((m, byte) in taken for m in needed for byte in range(offset, offset + size)):
        offset += 1
    assert moments.lowest(spans, size) == offset


def test_a_block_of_no_bytes_is_never_in_the_way() -> None:
    moments = Moments(1)
    moments.occupy([(0, 0)], 5, 5)
    assert moments.lowest([(0, 0)], 10) == 0
