"""Comparison of the tensors of two checkpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dlrun.run_directory.comparison import Parameter

if TYPE_CHECKING:
    from dlrun.arrays import Array


def differing_parameters(
    checkpoint: str, first: Mapping[str, Array], second: Mapping[str, Array]
) -> Iterator[Parameter]:
    """The tensors of a checkpoint that are not bit-identical in two runs, by name.

    Args:
        checkpoint: its name.
        first: tensors of a run, by name.
        second: tensors of another run.
    """
    import numpy as np

    for name in sorted(first.keys() | second.keys(), key=_by_number):
        one, two = (
            None if each is None else np.atleast_1d(each)
            for each in (first.get(name), second.get(name))
        )
        if one is None or two is None or (one.shape, one.dtype) != (two.shape, two.dtype):
            size = max(each.size for each in (one, two) if each is not None)
            yield Parameter(checkpoint, name, size, size, float("nan"))
            continue
        bits = f"u{one.dtype.itemsize}"
        differs = np.ascontiguousarray(one).view(bits) != np.ascontiguousarray(two).view(bits)
        if differs.any():
            with np.errstate(all="ignore"):
                apart = np.abs(one[differs].astype(np.float64) - two[differs])
            count = int(np.count_nonzero(differs))
            yield Parameter(checkpoint, name, count, one.size, float(np.max(apart)))


def _by_number(name: str) -> list[tuple[str, int]]:
    """A sort key that puts ``dense_2`` before ``dense_10``."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]
