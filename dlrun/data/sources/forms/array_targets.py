"""Arrays as a file holds them, turned into the targets that training reads."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.data.files.array_file import StoredArray
from dlrun.data.samples import Samples, chunks, narrowed
from dlrun.data.sources.forms.array_values import floats
from dlrun.errors import DataError

_STRETCH = 1 << 16
"""Targets that are sorted at a time."""


def class_labels(path: str, name: str, raw: Array | StoredArray) -> tuple[Array, Array]:
    """The distinct labels of a classification, sorted, and the position of each target's label.

    Args:
        path: the file's name in messages.
        name: the array's name in messages.
        raw: (n,), (n, 1) or (n, ...) integers, bool, text, or floats without fractions.

    Returns:
        The labels, (classes,), and positions among them, (n,) or (n, ...) int64.

    Raises:
        DataError: the array is empty or cannot be class labels.
    """
    return distinct(_label_array(path, name, raw))


def multi_label(path: str, name: str, raw: Array | StoredArray) -> Samples:
    """Multi-label targets, (n, labels) float32, 0 or 1.

    Args:
        path: the file's name in messages.
        name: the array's name in messages.
        raw: (n, labels).

    Raises:
        DataError: the array has another shape or holds values other than 0 and 1.
    """
    if len(raw.shape) != 2 or not math.prod(raw.shape):
        raise DataError(f"{path}: '{name}' of shape {raw.shape} must be (samples, labels)")
    targets = narrowed(floats(path, name, raw, raw.shape[1:]))
    if not all(np.isin(chunk, (0, 1)).all() for chunk in chunks(targets)):
        raise DataError(f"{path}: '{name}' must hold only 0 and 1 with task multi_label")
    return targets


def regression(path: str, name: str, raw: Array | StoredArray) -> Samples:
    """Regression targets, (n, outputs) or (n, ...); (n,) becomes (n, 1).

    Args:
        path: the file's name in messages.
        name: the array's name in messages.
        raw: (n, ...) numbers.

    Raises:
        DataError: the array is empty or holds values that are not finite numbers.
    """
    if not math.prod(raw.shape):
        raise DataError(f"{path}: '{name}' of shape {raw.shape} is empty")
    return floats(path, name, raw, raw.shape[1:] or (1,))


def distinct(labels: Array) -> tuple[Array, Array]:
    """The distinct labels, sorted, and the position of each among them, (n, ...) int64.

    They are sorted in stretches: sorting all labels at once would need four times their memory.
    """
    flat = labels.reshape(-1)
    stretches = [flat[at : at + _STRETCH] for at in range(0, len(flat), _STRETCH)]
    values = np.unique(np.concatenate([np.unique(stretch) for stretch in stretches]))
    positions = np.empty(len(flat), np.int64)
    for number, stretch in enumerate(stretches):
        at = number * _STRETCH
        positions[at : at + len(stretch)] = np.searchsorted(values, stretch)
    return values, positions.reshape(labels.shape)


def _label_array(path: str, name: str, raw: Array | StoredArray) -> Array:
    targets = raw.in_memory() if isinstance(raw, StoredArray) else raw
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    if targets.size == 0:
        raise DataError(f"{path}: '{name}' of shape {targets.shape} is empty")
    if targets.dtype.kind == "f":
        values = np.asarray(floats(path, name, targets, targets.shape[1:]))
        if np.any(values != np.rint(values)):
            raise DataError(
                f"{path}: '{name}' holds fractions, which cannot be classes; set "
                "data.source.task to regression"
            )
        return targets.astype(np.int64)
    if targets.dtype.kind not in "biuU":
        remedy = "; convert them with array.astype(str)" if targets.dtype.kind in "SM" else ""
        raise DataError(
            f"{path}: '{name}' holds {targets.dtype}; classes are integers or text{remedy}"
        )
    if targets.dtype.kind == "U" and not _is_text(targets):
        raise DataError(f"{path}: '{name}' holds text that is not valid Unicode")
    return targets


def _is_text(targets: Array) -> bool:
    """Whether all characters are valid Unicode; NumPy accepts any 32 bits as a character."""
    codes = np.frombuffer(targets.tobytes(), np.dtype("u4").newbyteorder(targets.dtype.byteorder))
    return not bool(np.any((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))))
