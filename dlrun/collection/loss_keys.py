"""Whether losses can be compared: the keys of specs that decide in which unit a loss is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dlrun.collection.entry import Entry

_OF_THE_LOSS = ("loss", "data.target_scaling")
"""Metrics do not depend on them: they are in the original units of the targets."""


def is_loss(score: str) -> bool:
    """Whether a score is the loss of a set, such as ``validation.loss``."""
    return score.endswith(".loss")


def decides_unit(key: str) -> bool:
    """Whether the unit of a loss depends on a dotted key of a spec."""
    return any(_belongs(key, to) for to in _OF_THE_LOSS)


def different_units(entries: Iterable[Entry]) -> list[str]:
    """The keys because of which the losses of runs cannot be compared; none if they can be."""
    known: dict[str, set[frozenset[tuple[str, Any]]]] = {key: set() for key in _OF_THE_LOSS}
    shapes: dict[tuple[str, ...], Mapping[str, Sequence[str]]] = {}  # most runs have the same keys
    for entry in entries:
        spec = entry.spec
        shape = tuple(spec)
        if shape not in shapes:
            shapes[shape] = {key: [each for each in spec if _belongs(each, key)] for key in known}
        for key, below in shapes[shape].items():
            # A key that is null may be missing in a run of a former version.
            values = ((each, spec[each]) for each in below if spec[each] is not None)
            known[key].add(frozenset(values))
    return [key for key, values in known.items() if len(values) > 1]


def _belongs(key: str, to: str) -> bool:
    return key == to or key.startswith(f"{to}.")
