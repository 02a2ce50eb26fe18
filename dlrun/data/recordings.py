"""Recordings that are no samples: noises and responses of rooms in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dlrun.arrays import Array
from dlrun.data.file_cache import FileError
from dlrun.data.folders import files_in
from dlrun.data.sound_file import SUFFIXES, SoundForm
from dlrun.data.source_file import SourceFile
from dlrun.data.unread import Unread
from dlrun.errors import DataError


def recordings(path: str, rate: int, folder: Path) -> Sequence[Array]:
    """All recordings in a folder and in the folders in it, each (length,) float32.

    Args:
        path: of the folder.
        rate: samples a second that they are brought to.
        folder: where a relative path starts.

    Raises:
        DataError: there are none, or one of them cannot be read.
    """
    unread = Unread()
    files = list(files_in(folder / path, path, SUFFIXES, unread))
    if not files:
        there = "".join(f" ({note})" for note in unread.note(path, "recordings"))
        raise DataError(f"{path}: no recordings in it{there}")
    form = SoundForm(rate, None, "start")

    def read(file: SourceFile) -> Array:
        try:
            values: Array = form.read(file.path)[:, 0]
            return values
        except FileError as fault:
            raise DataError(f"{file.name}: {fault}") from fault

    with form.guarded(), ThreadPoolExecutor() as pool:
        return list(pool.map(read, files))
