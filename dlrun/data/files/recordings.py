"""Recordings that augmentation uses: noises and room impulse responses in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dlrun.arrays import Array
from dlrun.data.files.files_in_folder import files_in
from dlrun.data.files.form import FileError
from dlrun.data.files.sound_file import SUFFIXES, SoundForm
from dlrun.data.files.source_file import SourceFile
from dlrun.data.files.unread import Unread
from dlrun.errors import DataError


def recordings(path: str, rate: int, folder: Path) -> Sequence[Array]:
    """All recordings in a folder and its subfolders, each (length,) float32.

    Args:
        path: of the folder.
        rate: sampling rate in Hz that they are resampled to.
        folder: the folder that a relative path starts at.

    Raises:
        DataError: the folder has none, or one of them cannot be read.
    """
    unread = Unread()
    files = list(files_in(folder / path, path, SUFFIXES, unread))
    if not files:
        skipped = "".join(f" ({note})" for note in unread.note(path, "recordings"))
        raise DataError(f"{path}: no recordings in it{skipped}")
    form = SoundForm(rate, None, "start")

    def read(file: SourceFile) -> Array:
        try:
            values: Array = form.read(file.path)[:, 0]
            return values
        except FileError as error:
            raise DataError(f"{file.name}: {error}") from error

    with form.guarded(), ThreadPoolExecutor() as pool:
        return list(pool.map(read, files))
