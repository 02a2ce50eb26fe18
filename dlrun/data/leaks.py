"""Samples that occur twice: in two sets, which is a leak, or in one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.parts import Parts
from dlrun.data.samples import Samples, chunks
from dlrun.rng import Stream, keys, mixed

_LISTED = 5
"""The maximum number of pairs of samples that are listed."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Samples of a set whose inputs also occur in another set.

    Attributes:
        part: the set.
        of: the earlier set, e.g. ``train``.
        samples: number of such samples in ``part``.
        contradicting: how many of them have a target that no equal input in ``of`` has.
        pairs: some pairs of equal samples, as indices in the source or in the file of the set,
            that of ``of`` first.
    """

    part: str
    of: str
    samples: int
    contradicting: int
    pairs: tuple[tuple[int, int], ...]


def sample_hashes(samples: Samples) -> Array:
    """A 64-bit hash of each sample, (n,) uint64.

    In a million different samples, the chance that two have the same hash is one in forty million.
    """
    places = math.prod(samples.shape[1:])
    if samples.dtype == object:
        texts = np.asarray(samples).tolist()
        hashes = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
        return np.frombuffer(b"".join(hashes), np.uint64)
    salt = keys(0, Stream.DATA, 0, 0, np.arange(places))
    found = [np.empty(0, np.uint64)]
    for chunk in chunks(samples):
        flat = np.ascontiguousarray(chunk, np.float64).reshape(len(chunk), places) + 0.0
        flat[np.isnan(flat)] = np.nan  # NaN has many bit patterns
        found.append(mixed(flat.view(np.uint64) ^ salt).sum(axis=1, dtype=np.uint64))
    return np.concatenate(found)


def leak_of(parts: Parts, hashes: Mapping[str, Array], of: str, part: str) -> Leak:
    """The samples of set ``part`` that also occur in set ``of``.

    Args:
        parts: the sets.
        hashes: the result of ``sample_hashes`` for each set.
        of: the name of the earlier set.
        part: the name of the other.

    Raises:
        DataError: samples cannot be read.
    """
    first, second = hashes[of], hashes[part]
    known, where = np.unique(first, return_index=True)
    place = np.minimum(np.searchsorted(known, second), len(known) - 1)
    shared = np.flatnonzero(known[place] == second)
    pairs = [
        (int(parts.rows[of][where[place[row]]]), int(parts.rows[part][row]))
        for row in shared[:_LISTED].tolist()
    ]
    return Leak(part, of, len(shared), _contradicting(parts, hashes, of, part), tuple(pairs))


def _contradicting(parts: Parts, hashes: Mapping[str, Array], of: str, part: str) -> int:
    """The number of shared inputs that no sample of ``of`` has with the same target."""
    both = {}
    for name in (of, part):
        targets = parts.data[name].targets
        both[name] = mixed(sample_hashes(targets)) ^ hashes[name]
    shared = np.isin(hashes[part], hashes[of])
    return int((shared & ~np.isin(both[part], both[of])).sum())
