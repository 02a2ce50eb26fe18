"""One picture at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dlrun.libraries import import_matplotlib

_turn = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Within, Matplotlib uses its default style and ignores the user's matplotlibrc.

    Style and renderer are shared by all threads of the process, so threads take turns.  A fork
    waits for the end of a turn: in a child forked during a turn, Matplotlib would wait forever for
    a thread that does not exist there.
    """
    import_matplotlib()
    from matplotlib import style

    with _turn, style.context("default"):
        yield


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release
    )
