"""Following a run or a study while it is trained elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any

from dlrun.api.at_least import at_least, at_most
from dlrun.collection.naming import resolve
from dlrun.following.follow import follow, follower_of

_DAY = 86_400.0


def watch(run: str | PathLike[str], *, interval: float = 1.0, wait: bool = False) -> Iterator[Any]:
    """What happens in a run or a study until it ends, event by event, from its files alone.

    Nothing is written to the directory, and no lock is taken.  It begins with the first epoch or
    the first record of the journal, and ends at once if the run has ended.

    Args:
        run: the directory, or a word that names it, such as ``latest``.
        interval: seconds between two looks at the files, from 0.1 to 86,400, which is a day.
        wait: whether to continue after a stop or a kill, until it is resumed and ends.

    Returns:
        The events of ``dlrun.training.events`` for a run and those of ``dlrun.study.events`` for a
        study; ``Killed`` if the process is gone without a result.

    Raises:
        InputError: the interval is too small or too large.
        DataError: it does not exist, is neither a run nor a study, or a file is broken.
    """
    at_least(0.1, " s", interval=interval)
    at_most(_DAY, " s", interval=interval)
    return follow(follower_of(resolve(run)), interval=interval, wait=wait)
