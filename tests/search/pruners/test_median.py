from __future__ import annotations

from dlrun.search.pruners.median import Median

OTHERS = [[4.0, 2.0, 0.0], [5.0, 3.0, 1.0], [9.0, 9.0, 9.0]]
"""Means behind two epochs: 3, 4 and 9."""


def test_the_best_value_counts_and_the_mean_of_others() -> None:
    rule = Median(min_epochs=1, min_trials=3)
    assert not rule.stops([4.0, 8.0], OTHERS)
    assert rule.stops([4.1, 8.0], OTHERS)
    assert not rule.stops([8.0, 4.0], OTHERS)


def test_a_shorter_run_is_compared_whole() -> None:
    assert not Median(min_epochs=1, min_trials=1).stops([3.0, 3.0, 3.0], [[3.0]])
    assert Median(min_epochs=1, min_trials=1).stops([3.1, 3.1, 3.1], [[3.0]])


def test_nothing_is_ended_too_early() -> None:
    assert not Median(min_epochs=3, min_trials=3).stops([10.0, 10.0], OTHERS)
    assert Median(min_epochs=2, min_trials=3).stops([10.0, 10.0], OTHERS)
    assert not Median(min_epochs=1, min_trials=4).stops([10.0], OTHERS)
