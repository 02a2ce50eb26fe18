"""Entries that a process has read before, so that it reads again only what has changed."""

from __future__ import annotations

from collections.abc import Iterable

from dlrun.collection.entry import Entry
from dlrun.collection.signature import Signature


class Memory:
    """Entries by the root that they are below, for a process that collects again and again."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, tuple[Signature, Entry]]] = {}

    def knows(self, root: str) -> bool:
        """Whether a root was collected before."""
        return root in self._entries

    def get(self, root: str, directory: str, now: Signature) -> Entry | None:
        """The entry of a run or study if its files are unchanged; None otherwise."""
        known = self._entries.get(root, {}).get(directory)
        return known[1] if known is not None and known[0] == now else None

    def keep(self, root: str, entries: Iterable[tuple[Signature | None, Entry]]) -> None:
        """Replace the entries of a root by these; those without a signature are read again."""
        self._entries[root] = {
            entry.directory: (files, entry) for files, entry in entries if files is not None
        }
