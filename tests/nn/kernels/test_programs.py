"""Programs compute each result once, with tiles that exist."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from dlrun.nn.kernels.compiled import programs
from dlrun.nn.kernels.compiled.tiles import TAPS, WIDEST
from dlrun.nn.kernels.rehearsal import rehearsed

FLOAT = np.dtype(np.float32)


@given(st.integers(-3, 300), st.integers(1, 200), st.sampled_from([4, 8]))
def test_every_result_belongs_to_one_tile(places: int, filters: int, size: int) -> None:
    dtype, lanes = np.dtype(f"f{size}"), 64 // size
    done = np.zeros((max(places, 0), filters), int)
    for vectors, f in programs._blocks(filters, dtype):
        for width, first, tiles in programs._widths(places):
            done[first : first + width * tiles, f : f + vectors * lanes] += 1
            assert first + width * tiles <= places
            assert 1 <= width <= WIDEST
    assert (done == 1).all()
    assert len(programs._widths(places)) <= 2


def test_a_rehearsal_makes_no_program_that_is_remembered() -> None:
    with rehearsed() as needs:
        assert programs.program(TAPS, FLOAT, 6, 16).size == 0
        calls, ends = programs.programs(TAPS, FLOAT, (6, 4), 16)
        assert (calls.size, ends.tolist()) == (0, [0, 0])
    assert {each.name for each in needs.values()} == {
        "tiles.sum_of_taps_float32_6_1",
        "tiles.sum_of_taps_float32_4_1",
    }
    calls, ends = programs.programs(TAPS, FLOAT, (6, 4), 16)
    assert ends.tolist() == [4, 8]
    address, first, tiles, f = calls[:4]
    assert address > 0
    assert (first, tiles, f) == (0, 1, 0)


def test_all_sizes_are_those_that_programs_use() -> None:
    names = {each.name for each in programs.every_size()}
    with rehearsed() as needs:
        for places in range(1, 40):
            for filters in range(1, 40):
                programs.program(TAPS, FLOAT, places, filters)
    used = {each.name for each in needs.values()}
    assert used == {name for name in names if "taps" in name}
    assert len(names) == 2 * len(used)
