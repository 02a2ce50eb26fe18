"""How much space a run or a study takes."""

from __future__ import annotations

import os


def size_on_disk(directory: str) -> int:
    """Bytes of all regular files below a folder; links are not followed, errors are left out."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(f"{folder}/{name}").st_size
            except OSError:
                continue
    return total
