from __future__ import annotations

from collections import Counter

from dlrun.search.pruners.halving import Halving
from dlrun.search.pruners.hyperband import Hyperband


def test_brackets_are_those_of_the_paper() -> None:
    # Table 1 of Li et al. 2018: R = 81 and a factor of 3 from 1 epoch on give five brackets.
    prune = Hyperband(min_epochs=1, factor=3)
    assert [list(prune.rungs(81, bracket)) for bracket in range(5)] == [
        [1, 3, 9, 27],
        [3, 9, 27],
        [9, 27],
        [27],
        [],
    ]
    brackets = [prune.bracket(trial, 81) for trial in range(81 + 34 + 15 + 8 + 5)]
    assert Counter(brackets) == {0: 81, 1: 34, 2: 15, 3: 8, 4: 5}
    assert brackets == sorted(brackets)
    assert prune.bracket(143, 81) == 0


def test_few_epochs_leave_one_bracket_that_prunes_nothing() -> None:
    prune = Hyperband(min_epochs=5)
    assert {prune.bracket(trial, 4) for trial in range(20)} == {0}
    assert prune.rungs(4, 0) == []


def test_a_bracket_is_halving() -> None:
    values = {number: float(number * 7 % 10) for number in range(10)}
    assert Hyperband(factor=2).survivors(values, [0.5]) == Halving(factor=2).survivors(
        values, [0.5]
    )
