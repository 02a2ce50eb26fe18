"""In what the environments of runs differ: versions, machine, kernels, git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.run_directory.access import present
from dlrun.run_directory.compare import CIRCUMSTANCES
from dlrun.run_directory.flat import flat
from dlrun.run_directory.json_text import read_object
from dlrun.summaries.run_groups import RunGroup, seed_of

_DATA = "data"


@dataclass(frozen=True, slots=True)
class EnvironmentKey:
    """A key of environment.json that is not the same for all runs.

    Attributes:
        key: dotted, such as ``packages.numpy``.
        values: each value with the labels of the runs that have it; None for runs without the key.
    """

    key: str
    values: Sequence[tuple[Any, tuple[str, ...]]]


def environment_keys(groups: Sequence[RunGroup]) -> tuple[EnvironmentKey, ...]:
    """The keys that differ, except those that do not affect results, such as the time.

    The data of runs is compared only between runs with the same seed: generated data depends on
    it.  Runs without an environment are left out.

    Raises:
        DataError: a file is broken.
    """
    known: dict[str, Mapping[str, Any]] = {}
    seeds: dict[str, int | None] = {}
    whole: set[str] = set()  # a cross-validation has fewer keys than its folds
    for group in groups:
        for name, run in zip(group.names(), group.runs, strict=True):
            path = Path(run.directory) / "environment.json"
            if present(path):
                found = read_object(path)
                kept = {key: found[key] for key in found if key not in CIRCUMSTANCES}
                known[name], seeds[name] = dict(flat(kept)), seed_of(run)
                if run.folds:
                    whole.add(name)
    keys = dict.fromkeys(key for each in known.values() for key in each)
    found_keys = []
    for key in keys:
        values: dict[str, tuple[Any, list[str]]] = {}
        for name, each in known.items():
            if key not in each and name in whole:
                continue
            value = each.get(key)
            values.setdefault(repr(value), (value, []))[1].append(name)
        differs = len(values) > 1 and (key != _DATA or _same_seed(values, seeds))
        if differs:
            shown = tuple((value, tuple(names)) for value, names in values.values())
            found_keys.append(EnvironmentKey(key, shown))
    return tuple(found_keys)


def differing_data(groups: Sequence[RunGroup], keys: Sequence[EnvironmentKey]) -> dict[str, str]:
    """The fingerprint of the data by directory of a run; none if runs of one seed have the same.

    Args:
        groups: of runs.
        keys: that differ between their environments.
    """
    known = {
        name: value
        for key in keys
        if key.key == _DATA
        for value, names in key.values
        for name in names
    }
    return {
        run.directory: value
        for group in groups
        for name, run in zip(group.names(), group.runs, strict=True)
        if isinstance(value := known.get(name), str)
    }


def _same_seed(
    values: Mapping[str, tuple[Any, Sequence[str]]], seeds: Mapping[str, int | None]
) -> bool:
    """Whether runs with different values have the same seed."""
    owners: dict[int | None, str] = {}
    return any(
        owners.setdefault(seeds[name], value) != value
        for value, (_, names) in values.items()
        for name in names
    )
