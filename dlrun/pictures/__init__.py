"""Pictures of runs and studies, also of unfinished ones; reads their directories only."""

from __future__ import annotations

import logging

_CACHE = (
    "mkdir -p failed for path",
    "%s is not a writable directory",
    "Matplotlib created a temporary cache directory",
)
"""How Matplotlib's messages begin if the home folder cannot be written."""


def _is_useful(record: logging.LogRecord) -> bool:
    """Whether a message of Matplotlib is about anything but the folder of its cache."""
    return not str(record.msg).startswith(_CACHE)


logging.getLogger("matplotlib").addFilter(_is_useful)
