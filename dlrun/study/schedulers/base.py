"""What a schedule is: it says which run a study begins next."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from dlrun.study.events import Event
from dlrun.study.ledger import Ledger
from dlrun.study.store.job import Job


class Schedule:
    """The root of all schedules.

    Attributes:
        said: what happened to trials and batches, for the study to hand on.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.said: deque[Event] = deque()

    def next(self, running: Collection[Job]) -> Job | None:
        """The run to begin now.

        Args:
            running: runs under way; those that were begun and are neither there nor have ended
                are wanted again.

        Returns:
            None where nothing can be begun before one of ``running`` has ended or, if there are
            none, the study is over.
        """
        raise NotImplementedError

    def goes_on(self, job: Job, curve: Sequence[float]) -> bool:
        """Whether a run trains another epoch, given its values so far, less is better."""
        return True
