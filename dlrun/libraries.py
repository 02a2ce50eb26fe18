"""What libraries would do at their import, and dlrun does not need or want.

Matplotlib reads ``matplotlibrc`` in the working directory, which may not be trusted, and Numba
``.numba_config.yaml``.  Either can be a pipe that never ends, and Numba's settings change the
machine code that it generates.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_MATPLOTLIB, _NUMBA = "matplotlibrc", ".numba_config.yaml"

_own = False
"""Whether dlrun has started this process, so that no one else uses its libraries."""


def leave_out_settings() -> None:
    """Make Matplotlib and Numba ignore settings in the working directory.

    Neither has an option for this.  But both read settings when they are imported, so they are
    imported now, from another directory.  This takes time and changes the directory of the whole
    process, so it is only for processes that dlrun starts, before they have threads, and is only
    done if such a file exists.
    """
    global _own
    _own = True
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


def import_matplotlib() -> None:
    """Import Matplotlib; in processes that dlrun starts, without the documentation that it writes.

    Matplotlib lists the properties of all its classes in their docstrings, which takes a quarter of
    its import.
    """
    import matplotlib.artist

    if _own:
        matplotlib.artist.kwdoc = lambda artist: ""
