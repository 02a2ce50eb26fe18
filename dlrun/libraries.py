"""Settings that libraries would read from the working directory, which may not be trusted.

Matplotlib reads ``matplotlibrc`` there, and Numba ``.numba_config.yaml``.  Either can be a pipe
that never ends, and Numba's settings change the machine code that it generates.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_MATPLOTLIB, _NUMBA = "matplotlibrc", ".numba_config.yaml"


def leave_out_settings() -> None:
    """Make Matplotlib and Numba ignore settings in the working directory.

    Neither has an option for this.  But both read settings when they are imported, so they are
    imported now, from another directory.  This takes time and changes the directory of the whole
    process, so it is only for processes that dlrun starts, before they have threads, and is only
    done if such a file exists.
    """
    present = [name for name in (_MATPLOTLIB, _NUMBA) if os.path.lexists(name)]
    if not present:
        return
    here = Path.cwd()
    os.chdir("/")
    try:
        if _MATPLOTLIB in present:
            with suppress(ImportError):
                import matplotlib  # noqa: F401
        if _NUMBA in present:
            from numba.core import config

            config._config_fname = ""  # Numba reads it again whenever it compiles
    finally:
        os.chdir(here)
