"""The time of a study is counted over all of its sessions, also of those that were killed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from studies import study
from sweeps import journal

from dlrun.study.clock import Clock


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def session(folder: Path, seconds: float, *, killed: bool, limit: float = 100.0) -> float:
    """What a session of a study leaves of its time, if it lasts so long."""
    time = Time()
    with study(folder, search="random", budget={"time": limit}) as ledger:
        clock = Clock(ledger, time)
        while time.now < 1000 + seconds and clock.left > 0:
            clock.tick()
            time.now += 0.1
        if not killed:
            clock.close()
        return clock.left


@pytest.mark.parametrize("killed", [False, True])
def test_sessions_share_the_time(tmp_path: Path, killed: bool) -> None:
    lengths = []
    for _ in range(9):
        before = 100.0 - sum(lengths)
        left = session(tmp_path, 17.0, killed=killed)
        lengths.append(before - left)
        if left <= 0:
            break
    total = 17.0 * (len(lengths) - 1)
    assert left <= 0 and 80 < total < 100
    assert session(tmp_path, 5.0, killed=killed) <= 0
    assert session(tmp_path, 5.0, killed=killed, limit=200.0) > 90


def test_a_session_that_ends_gives_the_rest_of_its_slice_back(tmp_path: Path) -> None:
    assert session(tmp_path, 10.0, killed=False) == pytest.approx(90.0, abs=0.2)
    assert session(tmp_path, 10.0, killed=True) == pytest.approx(80.0, abs=0.2)
    recorded = journal(tmp_path / "studies" / "search")[-1]
    assert recorded["event"] == "time" and 20.0 <= recorded["seconds"] <= 20.7


def test_without_a_limit_nothing_is_recorded(tmp_path: Path) -> None:
    with study(tmp_path, budget={"epochs": 100}, search="random") as ledger:
        clock = Clock(ledger)
        clock.tick()
        clock.close()
        assert clock.left == math.inf
    assert not [each for each in journal(tmp_path / "studies" / "search") if "seconds" in each]
