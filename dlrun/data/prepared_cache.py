"""Prepared data, kept in memory for the next training, which often uses the same data."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np

from dlrun.data.files.identities import identities
from dlrun.data.files.source_file import SourceFile
from dlrun.data.prepared import Prepared, prepare
from dlrun.data.read_files import read_files
from dlrun.data.section import DataSection

_Key = tuple[str, int, Path, tuple[str, ...]]

_MOST = 4
"""The maximum number of data sets in memory, often the same one split by several seeds."""
_LARGEST = 2**28
"""The maximum bytes of a data set that is kept; reading a larger one is fast next to training."""


class KeptData:
    """A cache around ``prepare``; call it in the same way.  The batch size does not matter.

    Changed tables and arrays are read again.  Files in folders of samples are assumed to be
    unchanged, because there may be very many.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Prepared] = OrderedDict()

    def __call__(self, section: DataSection, seed: int, folder: Path) -> Prepared:
        """The data of a section.

        Raises:
            DataError: the data is missing, broken or does not fit the section.
        """
        text = repr(section.model_copy(update={"batch_size": 1}))
        key = (text, seed, folder.absolute(), _contents(section, folder))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        while len(self._kept) >= _MOST:  # frees memory before more is read
            self._kept.popitem(last=False)
        data = prepare(section, seed, folder)
        if _bytes(data) <= _LARGEST:
            self._kept[key] = data
        return data


def _contents(section: DataSection, folder: Path) -> tuple[str, ...]:
    """Identities of the contents of all files that are read."""
    files = read_files(section, folder)
    present = [file for file in files if file.exists()]  # reading reports missing files
    return tuple(identities([SourceFile.of(file, str(file)) for file in present]))


def _bytes(data: Prepared) -> int:
    parts = [part for part in (data.train, data.validation, data.test) if part is not None]
    arrays = [array for part in parts for array in (part.inputs, part.targets)]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
