from __future__ import annotations

import os
import signal

import pytest

from dlrun.training.stop import Stop, signals


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_the_first_signal_asks_and_the_second_ends(number: signal.Signals) -> None:
    before, stop = signal.getsignal(number), Stop()
    assert not stop
    with pytest.raises(SystemExit) as ended, signals(stop):
        os.kill(os.getpid(), number)
        assert stop
        assert stop.received is number
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(number) == before


def test_as_long_as_nobody_heeds_it_the_first_signal_ends() -> None:
    stop = Stop()
    stop.heeded = False
    with pytest.raises(SystemExit) as ended, signals(stop):
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 75


def test_what_is_ignored_stays_ignored() -> None:
    before, stop = signal.signal(signal.SIGHUP, signal.SIG_IGN), Stop()
    try:
        with signals(stop):
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert not stop


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
