"""Whether losses can be compared: the keys of specs that decide in which unit a loss is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    specs = [entry.spec for entry in entries]
    return [key for key in _OF_THE_LOSS if len({_set_below(spec, key) for spec in specs}) > 1]


def _set_below(spec: Mapping[str, Any], key: str) -> frozenset[tuple[str, Any]]:
    """The values that are not null: those of a former version may be missing."""
    return frozenset(
        (each, value) for each, value in spec.items() if value is not None and _belongs(each, key)
    )


def _belongs(key: str, to: str) -> bool:
    return key == to or key.startswith(f"{to}.")
