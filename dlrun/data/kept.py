"""Data that is kept for the next training, which is likely to want the same."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np

from dlrun.data.prepared import Prepared, prepare
from dlrun.data.section import DataSection
from dlrun.data.source_file import SourceFile, identities

_Key = tuple[str, int, Path, tuple[str, ...]]

_MOST = 4
"""Data sets in memory, at most: mostly the same one, split by several seeds."""
_LARGEST = 2**28
"""Bytes of a data set that is kept; a larger one takes longer to train on than to read."""


class KeptData:
    """Call it like ``prepare``: what it gave lately it gives again, whatever the batch size.

    Tables and arrays that were changed since are read again; of samples in folders, which may be
    very many, the files are taken to stay as they are.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Prepared] = OrderedDict()

    def __call__(self, section: DataSection, seed: int, folder: Path) -> Prepared:
        """The data of a section.

        Raises:
            DataError: the data is missing, broken or not what the section asks of it.
        """
        text = repr(section.model_copy(update={"batch_size": 1}))
        key = (text, seed, folder.absolute(), _contents(section, folder))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        while len(self._kept) >= _MOST:  # before there is more of it
            self._kept.popitem(last=False)
        data = prepare(section, seed, folder)
        if _bytes(data) <= _LARGEST:
            self._kept[key] = data
        return data


def _contents(section: DataSection, folder: Path) -> tuple[str, ...]:
    """What tells the content of the files that are read from any other."""
    source, split = section.source, section.split
    files = [*source.files(folder), *(folder / each for each in (split.lists or {}).values())]
    for path in (split.validation, split.test):
        if isinstance(path, str):
            files += [folder / path, *source.model_copy(update={"path": path}).files(folder)]
    present = [file for file in files if file.exists()]  # reading says what is missing
    return tuple(identities([SourceFile.of(file, str(file)) for file in present]))


def _bytes(data: Prepared) -> int:
    parts = [part for part in (data.train, data.validation, data.test) if part is not None]
    arrays = [array for part in parts for array in (part.inputs, part.targets)]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
