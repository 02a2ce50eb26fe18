"""External paraphrasers, such as back-translation or a language model, as installed packages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points

from dlrun.errors import InputError

GROUP = "dlrun.paraphrasers"
"""The entry point group; each entry point is a function."""

Paraphraser = Callable[[str, int], str]
"""Maps a text and a seed, 64 random bits, to another text with the same meaning.

Its result must depend only on both, otherwise runs are not reproducible."""


@cache
def paraphraser(name: str) -> Paraphraser:
    """An installed paraphraser.

    Raises:
        InputError: none with this name is installed, or it cannot be imported.
    """
    known = entry_points(group=GROUP)
    if name not in known.names:
        found = ", ".join(sorted(known.names)) or "none"
        raise InputError(f"no paraphraser '{name}' is installed; installed are: {found}")
    try:
        made: Paraphraser = known[name].load()
    except Exception as error:  # third-party code, which can raise anything
        raise InputError(
            f"the paraphraser '{name}' cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    return made
