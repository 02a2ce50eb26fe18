"""The loop: what it shows once, what it tolerates, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from run_folders import write_run

from dlrun.errors import DataError
from dlrun.following.events import Killed
from dlrun.following.follow import PATIENCE, follow, follower_of
from dlrun.following.run import RunFollower
from dlrun.training.events import StepEnded

KILLED = Killed(Path("a"), 1, False, "")
STEP = StepEnded(1, 1, 0.0)


class Fake:
    """Shows what a test gives; None is a look that fails, and a trailing "over" ends it."""

    def __init__(self, *looks: Any) -> None:
        self.looks, self.over = iter(looks), False

    def poll(self) -> Iterator[Any]:
        look = next(self.looks)
        if look is None:
            raise DataError("cannot be read")
        self.over = look[-1:] == ["over"]
        yield from (event for event in look if event != "over")

    def clock(self) -> float:
        return 0.0


def events(*looks: Any, wait: bool = False) -> list[Any]:
    pauses: list[float] = []
    found = list(follow(Fake(*looks), interval=7.0, wait=wait, pause=pauses.append))
    assert pauses == [7.0] * (len(looks) - 1)
    return found


def test_it_ends_with_the_run() -> None:
    assert events(["a"], [STEP], ["b", KILLED, "over"]) == ["a", STEP, "b", KILLED]


def test_a_run_that_may_be_resumed_is_waited_for() -> None:
    again = [KILLED, "over"]
    found = events(again, again, ["a"], again, ["completed", "over"], wait=True)
    assert found == [KILLED, "a", KILLED, "completed"]


def test_files_that_are_being_replaced_are_tolerated() -> None:
    assert events(["a"], *[None] * PATIENCE, ["b", "over"]) == ["a", "b"]
    with pytest.raises(DataError):
        events(["a"], *[None] * (PATIENCE + 1))


def test_a_directory_is_a_run_or_a_study(tmp_path: Path) -> None:
    assert isinstance(follower_of(write_run(tmp_path / "a" / "b")), RunFollower)
    with pytest.raises(DataError, match="not a directory of a run"):
        follower_of(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        follower_of(tmp_path / "none")
