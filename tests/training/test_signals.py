from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from processes import heeded

from dlrun.training.signals import held_back, let_through, signals
from dlrun.training.stop import Stop


@pytest.fixture(autouse=True)
def heeding() -> Iterator[None]:
    with heeded():
        yield


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


def test_what_cannot_be_resumed_ends_with_the_code_of_the_signal() -> None:
    stop = Stop()
    stop.heeded = False
    with pytest.raises(SystemExit) as ended, signals(stop, resumable=False):
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM


def test_a_signal_that_is_held_back_comes_when_it_is_let_through() -> None:
    stop = Stop()
    with signals(stop):
        with held_back():
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            assert stop.received is None
            let_through()
            assert stop.received is signal.SIGTERM
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_what_is_ignored_stays_ignored() -> None:
    before, stop = signal.signal(signal.SIGHUP, signal.SIG_IGN), Stop()
    try:
        with signals(stop):
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert not stop
