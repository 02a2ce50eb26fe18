"""The data files of the installed scikit-learn package.

They are read directly from its folder, because importing scikit-learn takes about a second.
"""

from __future__ import annotations

import gzip
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset
from dlrun.errors import DataError

_ADVICE = "reinstall it with `pip install --force-reinstall scikit-learn`"


def read_lines(name: str) -> list[str]:
    """The lines of a file in scikit-learn's data folder, unpacked if its name ends in .gz.

    Raises:
        DataError: scikit-learn or the file is missing or broken.
    """
    package = find_spec("sklearn")  # finds the folder without running code of the package
    if package is None or not package.submodule_search_locations:
        raise DataError(
            "built-in data comes with scikit-learn, which is not installed; install scikit-learn"
        )
    path = Path(package.submodule_search_locations[0], "datasets", "data", name)
    try:
        packed = path.read_bytes()
        text = gzip.decompress(packed) if path.suffix == ".gz" else packed
        return text.decode("ascii").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataError(f"scikit-learn's data file {path} cannot be read; {_ADVICE}") from error


def numbers(name: str, lines: list[str], delimiter: str | None = ",") -> Array:
    """The values in the lines of a file, (lines, values), float64.

    Raises:
        DataError: a line is broken, or the file has none.
    """
    try:
        table = np.array([line.split(delimiter) for line in lines], dtype=np.float64)
    except ValueError as error:
        raise DataError(f"scikit-learn's data file {name} is broken; {_ADVICE}") from error
    if table.ndim != 2:
        raise DataError(f"scikit-learn's data file {name} has no rows; {_ADVICE}")
    return table


def classified_table(name: str, columns: tuple[str, ...]) -> Dataset:
    """A table with the header ``rows,columns,class,class,...`` and class codes as last column.

    Raises:
        DataError: the file is missing or broken.
    """
    header, *lines = read_lines(name) or [""]
    table = numbers(name, lines)
    return Dataset(
        inputs=table[:, :-1].astype(np.float32),
        targets=table[:, -1].astype(np.int64),
        task="classification",
        classes=tuple(header.split(",")[2:]),
        columns=tuple(Column(each) for each in columns),
    )
