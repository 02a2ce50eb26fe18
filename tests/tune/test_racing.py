from __future__ import annotations

from dlrun.tune.racing import contenders, leader

BEST = [0.10, 0.20, 0.15]


def test_whoever_may_be_better_goes_on() -> None:
    field = {
        0: BEST,
        1: [0.12, 0.19, 0.16],  # better with one seed
        2: [0.50, 0.61, 0.55],  # worse with all, by nearly the same
        3: [0.20, 0.90, 0.15],  # worse on the whole, and nobody knows by how much
    }
    assert leader(field) == BEST
    assert contenders(field, BEST) == [0, 1, 3]


def test_a_constant_difference_is_no_chance() -> None:
    assert contenders({0: [1.0, 2.0], 1: [1.5, 2.5]}, [1.0, 2.0]) == [0]


def test_equals_all_go_on() -> None:
    assert contenders({3: [1.0, 2.0], 4: [1.0, 2.0]}, [1.0, 2.0]) == [3, 4]
    assert leader({4: [1.0, 2.0], 3: [2.0, 1.0]}) == [2.0, 1.0]
