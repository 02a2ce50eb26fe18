"""Settings that libraries would take from the working directory, which may be a stranger's.

Matplotlib reads a ``matplotlibrc`` there, and Numba a ``.numba_config.yaml``.  Either can be a pipe
that never ends, and what Numba finds changes the machine code that it makes.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_MATPLOTLIB, _NUMBA = "matplotlibrc", ".numba_config.yaml"


def leave_out_settings() -> None:
    """Let Matplotlib and Numba take no settings from the working directory.

    Neither can be told so.  But both look when they are imported, so they are imported now, from
    another directory.  That takes a moment and moves the whole process, so it is for processes of
    dlrun's own, before they have threads, and only where there is such a file.
    """
    found = [name for name in (_MATPLOTLIB, _NUMBA) if os.path.lexists(name)]
    if not found:
        return
    here = Path.cwd()
    os.chdir("/")
    try:
        if _MATPLOTLIB in found:
            with suppress(ImportError):
                import matplotlib  # noqa: F401
        if _NUMBA in found:
            from numba.core import config

            config._config_fname = ""  # it looks again whenever it compiles
    finally:
        os.chdir(here)
