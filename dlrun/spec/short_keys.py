"""Short names of dotted keys, for tables and lines."""

from __future__ import annotations

from collections.abc import Sequence


def short_keys(keys: Sequence[str]) -> list[str]:
    """The last part of each key if it says which, else the whole key.

    It does not if several keys end with it, or if it is the number of a list's item.

    Args:
        keys: dotted, such as ``optimizer.adam.lr`` and ``model.1``.
    """
    ends = [key.rpartition(".")[2] for key in keys]
    return [
        end if ends.count(end) == 1 and not end.isdecimal() else key
        for end, key in zip(ends, keys, strict=True)
    ]
