"""Predefined splits: by a column, or by files that list samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlrun.data.files.input_file import opened
from dlrun.data.side_columns import SideColumn
from dlrun.data.split.parts import PARTS, Part, Rows, set_name
from dlrun.errors import DataError


def by_column(column: SideColumn) -> Rows:
    """The split that a column defines with train, validation or test for each sample.

    Raises:
        DataError: a cell is empty or has another value, or no sample is for training.
    """
    index: dict[str, int] = {name: number for number, name in enumerate(PARTS)}
    part = np.array([index.get(value, -1) for value in column.values])
    if (part < 0).any():
        row = int(np.argmax(part < 0))
        value = column.values[row]
        what = f"{value!r} is not a set" if value else "the cell is empty"
        raise column.error(row, f"{what}; write train, validation or test")
    if not (part == 0).any():
        raise DataError(f"column '{column.name}' has no row with train")
    return Rows.of(part)


def by_lists(files: Mapping[Part, str], samples: int, folder: Path) -> Rows:
    """The split that files define; without a file for training, all other samples train.

    Args:
        files: by set; each line is the index of a sample, from 0.
        samples: number of all samples.
        folder: the folder that relative paths start at.

    Raises:
        DataError: a file cannot be read, a line is not an index, or a sample is listed twice.
    """
    part = np.full(samples, -1 if "train" in files else 0)
    seen: dict[int, str] = {}
    for name, file in files.items():
        listed = 0
        for line, text in enumerate(_lines(folder / file, file), start=1):
            if not text.strip():
                continue
            place = f"{file}:{line}"
            row = int(text) if text.strip().isascii() and text.strip().isdecimal() else -1
            if not 0 <= row < samples:
                raise DataError(
                    f"{place}: '{text.strip()[:40]}' is not the index of a sample; use 0 to "
                    f"{samples - 1}"
                )
            if row in seen:
                raise DataError(f"{place}: sample {row} is listed twice, first at {seen[row]}")
            seen[row] = place
            part[row] = PARTS.index(name)
            listed += 1
        if not listed:
            raise DataError(f"{file}: the file lists no sample for the {set_name(name)}")
    if not (part == 0).any():
        raise DataError("the lists leave no samples for training; shorten them")
    return Rows.of(part)


def _lines(path: Path, name: str) -> list[str]:
    with opened(path, name) as file:
        try:
            return file.read().decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}: not a text file; write the index of one sample on each line"
            ) from error
