"""Samples that are the texts of whole files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.files.text_file import read_text
from dlrun.errors import DataError

_CHARACTERS = 4 << 20
"""Characters in a block of texts, a few MiB in memory."""


def text_blocks(files: Sequence[tuple[Path, str]]) -> Iterator[tuple[int, Array]]:
    """The texts of files in blocks, so that they need not fit in memory.

    Args:
        files: the place of each, and its name in messages.

    Returns:
        The index of the first file of each block, and its texts, (n,) objects.

    Raises:
        DataError: a file is missing, broken or empty; blocks before it are returned first.
    """
    first, size, texts = 0, 0, list[str]()
    for file in files:
        texts.append(_text(*file))
        size += len(texts[-1])
        if size >= _CHARACTERS:
            yield first, text_array(texts)
            first, size, texts = first + len(texts), 0, []
    if texts:
        yield first, text_array(texts)


def text_array(texts: Sequence[str]) -> Array:
    """Texts as an array of (n,) objects; NumPy would make an array of characters."""
    result = np.empty(len(texts), dtype=object)
    result[:] = texts
    return result


def _text(path: Path, shown: str) -> str:
    text = read_text(path, shown).strip()
    if not text:
        raise DataError(f"{shown}: the file is empty; write a text or remove the file")
    return text
