"""Sorting runs by any key, the best first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dlrun.collection.directions import direction
from dlrun.collection.entry import Entry
from dlrun.collection.keys import MISSING, TIMES, checked_key, scores, value_of
from dlrun.collection.loss_keys import different_units, is_loss
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.states import Mode
from dlrun.errors import InputError


def ordered(entries: Sequence[Entry], key: str, *, reverse: bool = False) -> list[Entry]:
    """The entries sorted by a key.

    The best score is first, the newest time, and for all other keys the smallest number or the
    first text.  Entries that do not have the key are last in either direction.

    Args:
        entries: runs and studies.
        key: a field, the name of a score, or a key of specs.
        reverse: whether to turn the order around.

    Raises:
        InputError: no entry has the key, or they have no common order.
    """
    key = checked_key(key, entries, f"--sort {key}")
    mode = _mode(entries, key)
    if key == "size":  # counted once per entry
        values = {entry.directory: entry.size for entry in entries}
        having = [(values[entry.directory], entry) for entry in entries]
    else:
        having = [
            (value, entry)
            for entry in entries
            if (value := value_of(entry, key)) not in (MISSING, None, ())  # () are no tags
        ]
    has = {entry.directory for _, entry in having}
    having.sort(key=lambda each: _rank(each[0]), reverse=(mode == "max") != reverse)
    return [*(entry for _, entry in having), *(e for e in entries if e.directory not in has)]


def incomparable(entries: Sequence[Entry], key: str) -> list[str]:
    """A line if runs are sorted by losses of different units.

    Args:
        entries: runs and studies.
        key: by which they are sorted.
    """
    runs = [each for each in entries if isinstance(each, RunEntry)]
    runs = [run for run in runs if value_of(run, key) is not MISSING]
    score = runs[0].monitor if runs and key == "best" else key
    units = different_units(runs) if is_loss(str(score)) else []
    if not units:
        return []
    tried = " and ".join(f"'{each}'" for each in units)
    what = f"the runs have different {tried}, so their {score} cannot be compared"
    return [f"--sort {key}: {what}; sort by a metric"]


def _mode(entries: Sequence[Entry], key: str) -> Mode:
    if key in TIMES:
        return "max"
    if key == "best":
        ways = {(entry.monitor, entry.mode) for entry in entries if entry.best is not None}
        if len(ways) > 1:
            names = ", ".join(sorted({str(name) for name, _ in ways}))
            raise InputError(
                f"--sort best: the runs have different monitors ({names}); sort by one of them"
            )
        return next(iter(ways))[1] if ways else "min"
    for entry in entries:
        if entry.monitor == key:
            return entry.mode
    return direction(key) if key in scores(entries) else "min"


def _rank(value: Any) -> tuple[int, Any]:
    """A key for sorting values of several types: numbers, then true and false, then text."""
    if isinstance(value, bool):
        return 1, value
    if isinstance(value, int | float):
        return (0, value) if not math.isnan(value) else (0, math.inf)
    return 2, str(value) if isinstance(value, str) else " ".join(map(str, value))
