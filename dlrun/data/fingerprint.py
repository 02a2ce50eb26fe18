"""Fingerprints, which identify the data of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from dlrun.data.dataset import Dataset
from dlrun.data.samples import Samples, chunks

_BETWEEN = "+"


def fingerprint(datasets: Sequence[Dataset]) -> str:
    """Two checksums of data as the source returns it, joined by ``+``.

    The first, SHA-256 in hex, covers all samples and targets as float32; version 0.1 had only this
    one.  The second, half as long, covers the digits beyond float32, and the names of classes,
    columns and categories.
    """
    first, second = hashlib.sha256(), hashlib.sha256()
    for data in datasets:
        names = [(column.name, column.categories) for column in data.columns or ()]
        second.update(repr((data.classes, names, data.rate)).encode(errors="surrogatepass"))
        for samples in (data.inputs, data.targets):
            _add(samples, first, second)
    return f"{first.hexdigest()}{_BETWEEN}{second.hexdigest()[:32]}"


def same_data(one: str | None, other: str | None) -> bool:
    """Whether two fingerprints agree in the checksums that both of them have."""
    if one is None or other is None or (_BETWEEN in one and _BETWEEN in other):
        return one == other
    return one.partition(_BETWEEN)[0] == other.partition(_BETWEEN)[0]


def _add(samples: Samples, first: hashlib._Hash, second: hashlib._Hash) -> None:
    """Add samples to both checksums; all of them are read."""
    dtype = np.dtype(np.float32) if samples.dtype == np.float64 else samples.dtype
    first.update(f"{dtype.str}{samples.shape}".encode())
    for number, chunk in enumerate(chunks(samples)):
        if chunk.dtype == object:  # texts; their lengths keep them apart
            first.update("".join(f"{len(text)} {text}" for text in chunk).encode())
            continue
        if not chunk.size:  # no targets
            continue
        first.update(np.ascontiguousarray(chunk, dtype).data.cast("B"))
        if chunk.dtype == np.float64:
            rest = np.nan_to_num(chunk - chunk.astype(np.float32))
            if rest.any():  # numbers that float32 holds have the same checksum in either dtype
                second.update(repr((number, rest.shape)).encode())
                second.update(np.ascontiguousarray(rest).data.cast("B"))
