"""A logger within the test's process, which fails, waits or works as a test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dlrun.loggers.base import Logger
from dlrun.loggers.messages import End, Epoch, Run
from dlrun.loggers.sink import Sink


@dataclass
class Backend:
    """What the fake's server has, and how it behaves.

    Attributes:
        calls: every call that succeeded, in order, with its argument.
        fails: the name of the call that raises.
        waits: the name of the call that never returns, until ``released``.
        delays: seconds without a processor, added at each look.
        waiting: set once a call waits.
    """

    calls: list[tuple[str, Any]] = field(default_factory=list)
    fails: str = ""
    waits: str = ""
    delays: float = 0.0
    delayed: float = 0.0
    waiting: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def call(self, name: str, argument: Any = None) -> None:
        if name == self.fails:
            raise ConnectionError("http://me:hidden@server refused\nthe connection")
        if name == self.waits:
            self.waiting.set()
            self.released.wait()
        self.calls.append((name, argument))

    def all(self, name: str) -> list[Any]:
        return [argument for each, argument in self.calls if each == name]

    @property
    def epochs(self) -> list[int]:
        return [epoch.number for epoch in self.all("epoch")]


@contextmanager
def fake_logger() -> Iterator[Backend]:
    """Register the logger ``fake`` as long as the block lasts."""
    backend = Backend()

    class FakeSink(Sink):
        def open(self, run: Run) -> str:
            backend.call("open", run)
            return run.id or f"id of {run.label}"

        def epochs(self, epochs: Sequence[Epoch]) -> None:
            backend.call("epochs")
            for epoch in epochs:
                backend.call("epoch", epoch)

        def restart(self, epoch: int) -> None:
            backend.call("restart", epoch)

        def end(self, end: End) -> None:
            backend.call("end", end)

        def close(self) -> None:
            backend.call("close")

        def delayed(self) -> float:
            backend.delayed += backend.delays
            return backend.delayed

    class Fake(Logger):
        """Logs to the test."""

        package: ClassVar = "json"
        extra: ClassVar = "fake"
        where: str = "here"
        """Any text."""

        @property
        def place(self) -> str:
            return self.where

        def connect(self) -> Sink:
            return FakeSink()

    registry = Logger.family
    assert registry is not None
    registry("fake")(Fake)
    try:
        yield backend
    finally:
        backend.released.set()
        registry.forget(__name__)
