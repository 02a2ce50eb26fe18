"""How much space a run or a study takes."""

from __future__ import annotations

import os


def size_on_disk(directory: str) -> int:
    """Bytes of all regular files below a folder; links are not followed, errors are left out.

    A file with several names, such as a checkpoint of a trial and of its fork, is counted once.
    """
    total = 0
    seen: set[tuple[int, int]] = set()
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                status = os.lstat(f"{folder}/{name}")
            except OSError:
                continue
            if status.st_nlink > 1:
                if (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
            total += status.st_size
    return total
