"""Addresses within the board."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.collection.entry import Entry
from dlrun.web.listing import key_of


def address(entry: Entry) -> str:
    """The address of the page of a run or study."""
    return f"/entry/{key_of(entry.directory)}"


def live_address(entries: Sequence[Entry]) -> str:
    """The address of the events of runs and studies; empty if none of them is running."""
    if not any(entry.state == "running" for entry in entries):
        return ""
    return f"/api/live?keys={','.join(key_of(entry.directory) for entry in entries)}"
