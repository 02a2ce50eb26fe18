"""What shows whether the files of a run or a study have changed."""

from __future__ import annotations

import os
from collections.abc import Sequence

Signature = list[int | None]
"""The modification time (ns), size and inode of each file in turn; None three times if missing."""


def signature(directory: str, names: Sequence[str]) -> Signature:
    """What shows whether files have changed.

    Args:
        directory: with the files.
        names: of the files.
    """
    found: Signature = []
    for name in names:
        try:
            status = os.lstat(f"{directory}/{name}")
        except OSError:
            found += (None, None, None)
        else:
            found += (status.st_mtime_ns, status.st_size, status.st_ino)
    return found
