"""Delivery to one logger: a queue of limited length, and the thread that empties it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from dlrun.loggers.base import Logger
from dlrun.loggers.messages import Epoch, Message, Restart, Run
from dlrun.loggers.problem import described
from dlrun.loggers.record import Record
from dlrun.loggers.sink import Sink

MOST = 10_000
"""Messages that may wait for a logger."""
_TOGETHER = 100
"""Messages that are delivered together, at most."""

_INTERVAL = 1.0
"""Seconds between two records of what is logged: after a kill, epochs of this time may be logged
twice."""

_LOOK = 0.5
"""Seconds between two looks at how long a logger had no processor."""


class Delivery:
    """Delivers messages to a logger; at the first error it switches the logger off.

    Args:
        logger: as the spec describes it.
        run: what is logged.
        record: what the logger has of the run.
        warn: called once with the reason if the logger is switched off, on any thread.
    """

    def __init__(
        self, logger: Logger, run: Run, record: Record, warn: Callable[[str], None]
    ) -> None:
        self._logger, self._record, self._warn = logger, record, warn
        self._logged = record.of(logger.kind, logger.place)
        self._run = replace(run, id=self._logged.id)
        self._queue: queue.Queue[Message | None] = queue.Queue(MOST)
        self._lock = threading.Lock()
        self._off = False
        self._due = 0.0
        self._sink: Sink | None = None
        self._thread = threading.Thread(target=self._work, name=logger.kind, daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:  # the system cannot start more threads
            self._switch_off(described(error))

    def put(self, message: Message | None) -> None:
        """Deliver a message soon; returns at once.  None is the last one."""
        if self._off:
            return
        try:
            self._queue.put_nowait(message)
        except queue.Full:
            self._switch_off(f"{MOST} messages wait for it")

    @property
    def kind(self) -> str:
        """The logger's name."""
        return self._logger.kind

    def runs(self, until: float) -> bool:
        """Whether something is still to be delivered at a time by ``time.monotonic``."""
        if self._off:
            return False
        self._thread.join(max(0.0, until - time.monotonic()))
        return self._thread.is_alive()

    def wait(self, deadline: float, latest: float) -> None:
        """Wait until everything is delivered, after the last message; then switch it off.

        Args:
            deadline: by ``time.monotonic``; later by the time in which the sink has no processor.
            latest: the end of that, too.
        """
        if self._off:
            return
        before = self._delayed()
        while self._thread.is_alive():
            left = min(deadline + self._delayed() - before, latest) - time.monotonic()
            if left <= 0:
                self._switch_off("it did not accept everything in time")
                return
            self._thread.join(min(left, _LOOK))

    def _delayed(self) -> float:
        sink = self._sink
        return 0.0 if sink is None else sink.delayed()

    def _switch_off(self, why: str) -> None:
        with self._lock:
            if self._off:
                return
            self._off = True
            sink = self._sink
        self._warn(why)
        if sink is not None:
            sink.kill()

    def _work(self) -> None:
        sink: Sink | None = None
        try:
            sink = self._logger.connect()
            with self._lock:
                self._sink = sink
                if self._off:
                    return
            self._logged = replace(self._logged, id=sink.open(self._run))
            self._record.update(self._logged)
            for messages in self._batches():
                if self._off:
                    return
                wanted, epoch = self._wanted(messages)
                if wanted:
                    sink.take(wanted)
                self._logged = replace(self._logged, epoch=epoch)
                if time.monotonic() >= self._due:
                    self._keep()
            sink.close()
            self._keep()
        except Exception as error:
            self._switch_off(described(error))
        finally:
            if sink is not None:
                sink.kill()

    def _keep(self) -> None:
        """Record what is logged."""
        self._record.update(self._logged)
        self._due = time.monotonic() + _INTERVAL

    def _wanted(self, messages: Sequence[Message]) -> tuple[list[Message], int]:
        """The messages without epochs that are logged already, and the last logged epoch then.

        A resumed run trains the epochs after its checkpoint again, with the same result.
        """
        found, last = list[Message](), self._logged.epoch
        for message in messages:
            if isinstance(message, Epoch):
                if message.number <= last:
                    continue
                last = message.number
            elif isinstance(message, Restart):
                last = min(last, message.epoch)
            found.append(message)
        return found, last

    def _batches(self) -> Iterator[Sequence[Message]]:
        """Everything that waits, again and again, until the last message."""
        while True:
            found = [self._queue.get()]
            while found[-1] is not None and len(found) < _TOGETHER and not self._queue.empty():
                found.append(self._queue.get())
            messages = [each for each in found if each is not None]
            if messages:
                yield messages
            if found[-1] is None:
                return
