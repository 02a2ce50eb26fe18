"""The loop that follows a run or a study: look, wait, look again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from dlrun.collection.find import kind_of
from dlrun.errors import DataError
from dlrun.following.events import Killed
from dlrun.following.run import RunFollower
from dlrun.following.study import StudyFollower
from dlrun.study.events import StudyEnded, Waiting
from dlrun.training.events import RunEnded, StepEnded

PATIENCE = 10
"""How often in a row files may be unreadable: they are being replaced, or the network is slow."""


class Follower(Protocol):
    """Looks at the files of a run or a study.

    Attributes:
        over: whether the last look has seen the end.
    """

    over: bool

    def poll(self) -> Iterator[Any]:
        """What has happened since the last call, as events.

        Raises:
            DataError: a file is broken, or the directory is gone.
        """

    def clock(self) -> float:
        """Seconds that the run or the study has taken so far."""


def follower_of(directory: Path) -> RunFollower | StudyFollower:
    """What looks at the files of a directory.

    Raises:
        DataError: it is neither a run nor a study, or a cross-validation.
    """
    place = kind_of(str(directory))
    if place is None:
        what = "is not a directory of a run or a study" if directory.exists() else "does not exist"
        raise DataError(f"{directory}: {what}; dlrun runs lists them")
    return StudyFollower(directory) if place.is_study else RunFollower(directory)


def follow(
    follower: Follower,
    *,
    interval: float = 1.0,
    wait: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Any]:
    """What happens in a run or a study until it ends, event by event.

    Args:
        follower: looks at its files.
        interval: seconds between two looks.
        wait: whether to continue after a stop or a kill, until it is resumed and ends.
        pause: waits so many seconds.

    Raises:
        DataError: a file is broken, or the directory is gone.
    """
    errors, shown, last = 0, "", None
    while True:
        try:
            for event in follower.poll():
                last = event
                if isinstance(event, RunEnded | StudyEnded | Killed):
                    if repr(event) == shown:  # an end after which it may be resumed is shown once
                        continue
                    shown = repr(event)
                elif not isinstance(event, StepEnded | Waiting):
                    shown = ""
                yield event
        except (DataError, OSError):
            errors += 1
            if errors > PATIENCE:
                raise
        else:
            errors = 0
            if follower.over and not (wait and _can_be_resumed(last)):
                return
        pause(interval)


def _can_be_resumed(event: object) -> bool:
    return isinstance(event, Killed) or getattr(event, "status", "") == "stopped"
