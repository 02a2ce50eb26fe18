"""Identities of the content of files, by which a decoded copy is found again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from dlrun.data.files.source_file import SourceFile


def identities(files: Sequence[SourceFile]) -> list[str]:
    """A text that identifies the content of each file: path, state and, in doubt, a checksum."""
    folder = cache(os.path.realpath)

    def identity(file: SourceFile) -> str:
        place = str(Path(folder(file.path.parent), file.path.name))
        return repr((place, file.state, file.checksum() if file.doubtful else None))

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(identity, files))


def unchanged(files: Sequence[SourceFile], known: Sequence[str]) -> bool:
    """Whether files still have the identities that ``identities`` returned."""
    return all(file.now() == file.state for file in files) and identities(files) == known
