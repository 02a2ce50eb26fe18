from __future__ import annotations

import pytest

from dlrun.training.stop import Stop


def test_time_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("dlrun.training.stop.time.monotonic", lambda: now)
    stop, endless = Stop(max_time=2.0), Stop()
    assert not stop
    now = 101.9
    assert not stop
    now = 102.0
    assert stop
    assert stop.out_of_time
    assert stop.received is None
    assert not endless
