"""The settings by epochs of a trial that continues another one."""

from __future__ import annotations

from dlrun.study.store.lineage import Fork, Phase, schedule

SETTINGS = {number: {"lr": float(number)} for number in range(5)}
FORKS = {3: Fork(0, 4), 4: Fork(3, 8)}


def phases(trial: int, epochs: int) -> list[Phase]:
    return schedule(FORKS, SETTINGS, trial, epochs)


def test_phases_follow_each_other_from_the_first_epoch() -> None:
    assert phases(4, 12) == [
        Phase(0, 1, 4, {"lr": 0.0}),
        Phase(3, 5, 8, {"lr": 3.0}),
        Phase(4, 9, 12, {"lr": 4.0}),
    ]


def test_a_trial_that_continues_none_has_one_phase() -> None:
    assert phases(0, 12) == [Phase(0, 1, 12, {"lr": 0.0})]
    assert phases(0, 0) == []


def test_a_fork_that_has_not_trained_has_the_phases_of_its_parent() -> None:
    assert phases(4, 8) == phases(3, 8)


def test_a_parent_that_was_forked_again_at_the_same_epoch() -> None:
    forks = {1: Fork(0, 4), 2: Fork(1, 4)}
    found = schedule(forks, SETTINGS, 2, 6)
    assert [(each.trial, each.first, each.last) for each in found] == [(0, 1, 4), (2, 5, 6)]
