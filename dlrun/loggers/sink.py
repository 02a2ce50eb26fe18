"""The interface between a logger's thread and the library that it logs with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import groupby

from dlrun.loggers.messages import End, Epoch, Message, Restart, Run


class SinkError(Exception):
    """A message could not be delivered; the text is complete."""


class Sink(ABC):
    """A run in the library of a logger.

    Any exception of a method switches the logger off and affects nothing else.  A method may also
    take any time: it is called on a thread that is not waited for without limit.
    """

    @abstractmethod
    def open(self, run: Run) -> str:
        """Start the run, or continue the one with the ID ``run.id``; returns its ID."""

    @abstractmethod
    def epochs(self, epochs: Sequence[Epoch]) -> None:
        """Log epochs in order; when it returns they are stored, or sent."""

    @abstractmethod
    def restart(self, epoch: int) -> None:
        """Void the epochs after ``epoch``, as far as the library allows."""

    @abstractmethod
    def end(self, end: End) -> None:
        """Log how the run ended."""

    @abstractmethod
    def close(self) -> None:
        """Deliver everything; the last call."""

    def kill(self) -> None:  # noqa: B027  -- most sinks cannot
        """End a call that another thread waits for, if that is possible; it may be called twice."""

    def delayed(self) -> float:
        """Seconds in which it could have continued and other programs had the processors."""
        return 0.0

    def take(self, messages: Sequence[Message]) -> None:
        """Log messages in order."""
        for kind, found in groupby(messages, type):
            if kind is Epoch:
                self.epochs([each for each in found if isinstance(each, Epoch)])
                continue
            for message in found:
                if isinstance(message, Restart):
                    self.restart(message.epoch)
                elif isinstance(message, End):
                    self.end(message)
