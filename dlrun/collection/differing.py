"""The keys of specs in which runs differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from dlrun.collection.entry import Entry
from dlrun.collection.keys import MISSING, spec_keys, value_of
from dlrun.collection.run_entry import RunEntry

_TOLD = ("name",)
"""Keys of specs that a field has, too."""
_FOLD = "data.split.fold"
"""Of the folds of a cross-validation, the same as their field ``fold``; null for other runs."""


def differing(entries: Sequence[Entry]) -> list[str]:
    """The keys of specs in which runs differ, the most informative first.

    A key that more of the runs have is more informative, and of these the one with more values.  If
    runs have different components, the key of the component is among them, but not the keys that
    only one of the components has, unless their values differ, too.

    Args:
        entries: runs; studies, whose trials have several values, do not count.
    """
    runs = [entry for entry in entries if isinstance(entry, RunEntry)]
    counts: dict[str, tuple[int, int]] = {}
    for key in _components(runs):
        values = [value_of(run, key) for run in runs]
        counts[key] = (len(values) - values.count(MISSING), len(set(values)))
    pairs = set[tuple[str, Any]]()
    for run in runs:
        pairs.update(run.spec.items())
    distinct = Counter(key for key, _ in pairs)
    for key in spec_keys(runs):
        if distinct[key] > 1 and key not in _TOLD and key not in counts:
            counts[key] = (sum(key in run.spec for run in runs), distinct[key])
    if all(run.spec.get(_FOLD) in (None, run.fold) for run in runs):
        counts.pop(_FOLD, None)
    return sorted(counts, key=lambda key: (-counts[key][0], -counts[key][1]))


def parents(keys: Sequence[str]) -> Iterator[str]:
    """The dotted keys above keys, each once."""
    seen = set[str]()
    for key in keys:
        above = key.rpartition(".")[0]
        while above and above not in seen:
            seen.add(above)
            yield above
            above = above.rpartition(".")[0]


def _components(runs: Sequence[RunEntry]) -> list[str]:
    """The keys at which runs have different components, or some have none."""
    shapes = {tuple(run.spec): run for run in runs}
    if len(shapes) < 2:
        return []
    above = dict.fromkeys(key for shape in shapes for key in parents(shape))
    # A layer without settings, such as relu, is a single value.
    items = (key for shape in shapes for key in shape if key.rpartition(".")[2].isdecimal())
    above |= dict.fromkeys(items)
    found = []
    for key in above:
        values = {value_of(run, key) for run in shapes.values()}
        if len(values) > 1 and values - {MISSING, None}:
            found.append(key)
    # model.2 differs wherever model.2.dense does: the upper key shows it.
    return [key for key in found if not any(each in found for each in parents([key]))]
