from __future__ import annotations

import pytest

from benchmarks.groups.schedule import scheduled


@pytest.mark.parametrize(
    ("threads", "seconds"),
    [
        (1, 10.0),
        (2, 1.0 + 2.0 + 3.0),  # 3 | 1 + 1 + 1
        (4, 1.0 + 1.0 + 3.0),
        (16, 1.0 + 1.0 + 3.0),
    ],
)
def test_a_free_thread_takes_the_next_piece(threads: int, seconds: float) -> None:
    sections = [[1.0, 1.0, 1.0], [3.0, 1.0, 1.0, 1.0]]
    assert scheduled(10.0, sections, threads) == pytest.approx(seconds)
    assert scheduled(10.0, sections, threads, 0.25) == pytest.approx(seconds + 0.5)


def test_the_order_of_the_pieces_stays() -> None:
    assert scheduled(4.0, [[1.0, 1.0, 2.0]], 2) == pytest.approx(3.0)
