"""Paraphrasers from elsewhere: back-translation or a model, as an installed package."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points

from dlrun.errors import InputError

GROUP = "dlrun.paraphrasers"
"""The group of entry points; each is a function."""

Paraphraser = Callable[[str, int], str]
"""From a text and a seed, 64 random bits, to another text of the same meaning.

What it gives must depend on both alone, or runs cannot be repeated."""


@cache
def paraphraser(name: str) -> Paraphraser:
    """An installed paraphraser.

    Raises:
        InputError: there is none of that name, or it cannot be imported.
    """
    known = entry_points(group=GROUP)
    if name not in known.names:
        found = ", ".join(sorted(known.names)) or "none"
        raise InputError(f"no paraphraser '{name}' is installed; there are: {found}")
    try:
        made: Paraphraser = known[name].load()
    except Exception as fault:  # it is somebody else's code, in which anything may happen
        raise InputError(
            f"the paraphraser '{name}' cannot be loaded: {type(fault).__name__}: {fault}"
        ) from fault
    return made
