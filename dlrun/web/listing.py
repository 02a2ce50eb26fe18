"""All runs and studies at one moment, each with a key under which a browser can ask for it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from dlrun.collection.differing import differing
from dlrun.collection.entry import Entry
from dlrun.collection.keys import scores, spec_keys
from dlrun.collection.run_entry import RunEntry


@dataclass(frozen=True, slots=True)
class Listing:
    """Runs and studies.

    Attributes:
        revision: a number that grows with every change.
        entries: all, the newest first.
        outer: all except the runs of listed studies and the folds of listed cross-validations.
        notes: what could not be read, one line each.
        by_key: the entries by their keys.
        differing: the keys of specs in which the runs in ``outer`` differ.
        known: all scores and keys of specs.
    """

    revision: int = 0
    entries: Sequence[Entry] = ()
    outer: Sequence[Entry] = ()
    notes: Sequence[str] = ()
    by_key: Mapping[str, Entry] = field(default_factory=dict)
    differing: Sequence[str] = ()
    known: Sequence[str] = ()


@lru_cache(maxsize=200_000)
def key_of(directory: str) -> str:
    """The key of a run or study: 20 hexadecimal digits that follow from its absolute path."""
    path = os.path.abspath(directory).encode(errors="surrogateescape")  # noqa: PTH100
    return hashlib.blake2b(path, digest_size=10).hexdigest()


def listed(entries: Sequence[Entry], notes: Sequence[str], before: Listing) -> Listing:
    """The listing of entries; the one before if nothing has changed.

    Args:
        entries: the newest first.
        notes: what could not be read.
        before: the previous listing.
    """
    if tuple(entries) == tuple(before.entries) and tuple(notes) == tuple(before.notes):
        return before
    directories = {entry.directory for entry in entries}
    outer = tuple(entry for entry in entries if _around(entry) not in directories)
    if [entry.spec for entry in outer] == [entry.spec for entry in before.outer]:
        differ, known = before.differing, before.known
    else:
        differ = differing(outer)
        known = (*scores(entries), *spec_keys(entries))
    keys = {key_of(entry.directory): entry for entry in entries}
    revision = before.revision + 1
    return Listing(revision, tuple(entries), outer, tuple(notes), keys, differ, known)


def _around(entry: Entry) -> str | None:
    """The directory of the study or cross-validation that an entry belongs to."""
    if isinstance(entry, RunEntry):
        if entry.study is not None:
            return entry.study
        if entry.fold is not None:
            return os.path.dirname(entry.directory)  # noqa: PTH120
    return None
