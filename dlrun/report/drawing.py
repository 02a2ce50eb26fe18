"""One picture at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turn = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Within, Matplotlib has its own default style, whatever the user's matplotlibrc says.

    Its style and its renderer are shared by all threads of the process, so threads take turns.  A
    fork waits for the end of a turn: in a child that was forked in the middle of one, Matplotlib
    would wait for ever for a thread that is not there.
    """
    from matplotlib import style

    with _turn, style.context("default"):
        yield


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release
    )
