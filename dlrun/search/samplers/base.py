"""What a sampler is: it says what to try next, from what has been tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import ClassVar

import numpy as np

from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

_PATIENCE = 4096
"""Draws without a new suggestion after which a search stops to draw."""
_LISTED = 2**18
"""Suggestions of a space that are gone through one by one to find those that are left."""


class Sampler(Component):
    """The root of all samplers.

    A sampler is a function: it keeps nothing from one call to the next, so a study can go on in
    another process, and the same history gives the same suggestions.
    """

    family: ClassVar = Registry["Sampler"]("sampler")

    def suggest(
        self,
        space: Space,
        history: Sequence[Completed],
        pending: Sequence[Suggestion],
        count: int,
        seed: int,
    ) -> list[Suggestion]:
        """What to try next; never what has been tried or is being tried.

        Args:
            space: what may be tried.
            history: the trials that have ended, in the order of their numbers.
            pending: the trials that have not.
            count: of suggestions, at most.
            seed: of the study.

        Returns:
            ``count`` suggestions or, near the end, fewer; none where the search is over.
        """
        raise NotImplementedError


sampler = Sampler.family


def begun(history: Sequence[Completed], pending: Sequence[Suggestion]) -> int:
    """The trials of this study so far, which is the number of the next one."""
    return sum(each.number >= 0 for each in history) + len(pending)


def left(trials: int | None, begun: int, count: int) -> int:
    """How many of ``count`` suggestions a study of so many trials may still have."""
    return count if trials is None else max(0, min(count, trials - begun))


def tried(history: Sequence[Completed], pending: Sequence[Suggestion]) -> set[str]:
    """The identities of all that must not be suggested again."""
    ended = (each.suggestion for each in history if not each.again)
    return {identity(each) for each in chain(ended, pending)}


def novel(
    space: Space,
    draws: Iterable[Sequence[float]],
    seen: set[str],
    count: int,
    random: np.random.Generator,
) -> list[Suggestion]:
    """The first suggestions among some that fit and are not in ``seen``, which takes them in.

    Where drawing finds no more, and the suggestions of the space can be counted, those that are
    left are taken in an order that ``random`` gives.

    Args:
        space: to draw from.
        draws: positions, without end.
        seen: identities of what is no longer new.
        count: of suggestions, at most.
        random: decides the order of the last ones.
    """
    found: list[Suggestion] = []

    def take(suggestion: Suggestion) -> bool:
        word = identity(suggestion)
        if word in seen or not space.fits(suggestion):
            return False
        seen.add(word)
        found.append(suggestion)
        return True

    source = iter(draws)
    while len(found) < count:
        if not any(take(space.at(each)) for each in islice(source, _PATIENCE)):
            break
    if len(found) < count and (rest := remaining(space, seen)):
        for index in random.permutation(len(rest))[: count - len(found)]:
            take(rest[index])
    return found


def remaining(space: Space, seen: set[str], most: int = _LISTED) -> list[Suggestion] | None:
    """Every suggestion that is left; None where there are, or may be, more than ``most``."""
    if space.size is None or space.size > most:
        return None
    return [each for each in space.grid(space.size) if identity(each) not in seen]
