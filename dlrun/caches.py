"""Where things are kept that can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def folder(name: str) -> Path | None:
    """A folder of ``DLRUN_CACHE`` or else of the user's ``~/.cache/dlrun``; None without a home.

    It need not exist.
    """
    asked = os.environ.get("DLRUN_CACHE", "")
    if asked:
        return Path(asked).absolute() / name
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        root = caches if caches.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # a user whom the system does not know
        return None
    return root / "dlrun" / name
