"""The base of samplers: they suggest what to try next, from the trials so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import ClassVar

import numpy as np

from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

FEW = 4096
"""Consecutive draws without a new suggestion after which a space that can be listed is listed."""
_MANY = 2**16
"""The same of other spaces, for which drawing is the only way; these take a few seconds."""
_LISTED = 2**18
"""Maximum size of a space that is searched exhaustively for its remaining suggestions."""


class Sampler(Component):
    """Base class of all samplers.

    A sampler is a pure function: it keeps no state between calls, so a study can be resumed in
    another process, and the same history leads to the same suggestions.
    """

    family: ClassVar = Registry["Sampler"]("sampler")
    models: ClassVar[bool] = False
    """Whether it has a model of the objective, from which ``regret`` is predicted."""

    def suggest(
        self,
        space: Space,
        history: Sequence[Completed],
        pending: Sequence[Suggestion],
        count: int,
        seed: int,
    ) -> list[Suggestion]:
        """Suggestions to try next; never one that has been tried or is running.

        Args:
            space: the search space.
            history: the trials that have ended, ordered by number.
            pending: the trials that have not.
            count: maximum number of suggestions.
            seed: of the study.

        Returns:
            ``count`` suggestions or, near the end, fewer; none if the search is complete.
        """
        raise NotImplementedError

    def regret(self, space: Space, history: Sequence[Completed], seed: int) -> float | None:
        """How much worse than the best possible trial the best one is at most, probably.

        In units of the objective; None if there are too few trials.  Only with ``models``.

        Args:
            space: the search space.
            history: the trials that have ended, ordered by number.
            seed: of the study.
        """
        raise NotImplementedError


sampler = Sampler.family


def begun(history: Sequence[Completed], pending: Sequence[Suggestion]) -> int:
    """The number of trials of this study so far, which is the number of the next one."""
    return sum(each.number >= 0 for each in history) + len(pending)


def left(trials: int | None, begun: int, count: int) -> int:
    """How many of ``count`` suggestions a study limited to so many trials can still have."""
    return count if trials is None else max(0, min(count, trials - begun))


def tried(history: Sequence[Completed], pending: Sequence[Suggestion]) -> set[str]:
    """The identities of all suggestions that must not be made again."""
    ended = (each.suggestion for each in history if not each.again)
    return {identity(each) for each in chain(ended, pending)}


def novel(
    space: Space,
    draws: Iterable[Sequence[float]],
    seen: set[str],
    count: int,
    random: np.random.Generator,
    patience: int | None = None,
) -> list[Suggestion]:
    """The first ``count`` drawn suggestions that fit and are not in ``seen``; adds them to it.

    If drawing finds no more, and the suggestions of the space can be counted, the remaining ones
    are returned in random order.

    Args:
        space: to draw from.
        draws: an endless iterator of positions.
        seen: identities of all earlier suggestions.
        count: of suggestions, at most.
        random: determines the order of the last ones.
        patience: consecutive draws without a new suggestion after which drawing stops; None for
            as many as take a few seconds, if the remaining suggestions cannot be listed.
    """
    found: list[Suggestion] = []

    def take(suggestion: Suggestion) -> bool:
        if not space.fits(suggestion) or (word := identity(suggestion)) in seen:
            return False
        seen.add(word)
        found.append(suggestion)
        return True

    source = iter(draws)
    if patience is None:
        patience = FEW if _listed(space) else _MANY
    while len(found) < count:
        if not any(take(space.at(each)) for each in islice(source, patience)):
            break
    if len(found) < count and (rest := remaining(space, seen)):
        for index in random.permutation(len(rest))[: count - len(found)]:
            take(rest[index])
    return found


def remaining(space: Space, seen: set[str], most: int = _LISTED) -> list[Suggestion] | None:
    """All remaining suggestions; None if there are, or may be, more than ``most``."""
    if space.size is None or not _listed(space, most):
        return None
    return [each for each in space.grid(space.size) if identity(each) not in seen]


def _listed(space: Space, most: int = _LISTED) -> bool:
    """Whether the space is small enough for a list of all of its suggestions."""
    return space.size is not None and space.size <= most
