"""Specs of an index, each stored once for all runs that differ from it in few values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SIMILAR = 8
"""Values in which a spec may differ from a shared one, at most."""


class SharedSpecs:
    """The specs that entries share."""

    def __init__(self) -> None:
        self.shared: list[Mapping[str, Any]] = []
        self._by_keys: dict[tuple[str, ...], list[int]] = {}

    def number(self, spec: Mapping[str, Any]) -> list[Any]:
        """The number of a shared spec with the same keys, and the values that differ."""
        alike = self._by_keys.setdefault(tuple(spec), [])
        for number in alike[-_SIMILAR:]:
            shared = self.shared[number]
            changed = {
                key: value
                for key, value in spec.items()
                if shared[key] is not value
                and (shared[key] != value or type(shared[key]) is not type(value))
            }
            if len(changed) <= _SIMILAR:
                return [number, changed]
        alike.append(len(self.shared))
        self.shared.append(spec)
        return [alike[-1], {}]
