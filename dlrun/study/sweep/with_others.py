"""Whether a value that the spec refuses alone fits the other keys of the space."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dlrun.rng import Stream, generator
from dlrun.search.dimensions.choice import Choice
from dlrun.search.point import narrowed
from dlrun.search.samplers.base import FEW, novel
from dlrun.search.samplers.random import draws
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, identity
from dlrun.study.sweep.condition_text import when

LISTED = 24
"""Each value of a dimension with at most this many is checked; of a longer one, the two ends."""
_FIRST = 8
"""Random trials that are tried at first; if the spec refuses these and both corners of the space,
no others with the value are."""
_MOST = 96
"""Trials with a value, or of a space, that are tried, at most."""
_COUNTED = 4096
"""Trials of a space that are counted, of which constraints may leave few."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How the trials with a value are.

    Attributes:
        refused: whether the spec refuses some.
        advice: how to have only those that it accepts; empty if it accepts all or none of them.
        trial: one that it accepts; None if there is none.
    """

    refused: bool
    advice: str
    trial: Suggestion | None


def fit(space: Space, key: str, value: Any, accepts: Callable[[Suggestion], bool]) -> Fit:
    """Try trials with a value; with every value of each other key, as far as there are such trials.

    Args:
        space: the search space.
        key: of the space.
        value: of the key.
        accepts: whether the spec accepts the values of a trial.
    """
    good, bad = list[Suggestion](), list[Suggestion]()
    for number, suggestion in enumerate(_trials(space, key, value)):
        if number == _MOST or (number == _FIRST + 2 and not good):
            break
        (good if accepts(suggestion) else bad).append(suggestion)
    advice = _advice(space, key, good, bad) if good and bad else ""
    return Fit(bool(bad), advice, good[0] if good else None)


def extremes(space: Space, key: str) -> Sequence[Any]:
    """All values of a key, or both ends of its range."""
    dimension = space.dimensions[key]
    if dimension.size is not None and dimension.size <= LISTED:
        return list(dimension.grid(dimension.size))
    return [dimension.at(0.0), dimension.at(1.0)]


def some_trials(space: Space, own: Suggestion) -> Iterator[Suggestion]:
    """Trials of a space: some with the values of the spec itself, then random ones.

    Args:
        space: the search space.
        own: the values of the spec that a trial can have; see ``own_values``.
    """
    random, seen = generator(0, Stream.SAMPLER), set[str]()
    for part, count in ((narrowed(space, own), _FIRST), (space, _MOST)):
        yield from novel(part, draws(random, len(part.keys)), seen, count, random, FEW)


def every_trial(space: Space) -> list[Suggestion]:
    """All trials, with both ends of ranges of real numbers; empty if there are too many to try."""
    ends = {
        key: each
        if each.size is not None
        else Choice(values=(each.at(0.0), each.at(1.0)), when=each.when)
        for key, each in space.dimensions.items()
    }
    part = Space(ends, space.constraints)
    if part.size is None or part.size > _COUNTED:
        return []
    found = list(islice(part.grid(part.size), _MOST + 1))
    return found if len(found) <= _MOST else []


def _trials(space: Space, key: str, value: Any) -> Iterator[Suggestion]:
    """Trials that have a value: random ones, then one with every value of each other key."""
    random, seen = generator(0, Stream.SAMPLER), set[str]()

    def drawn(point: Suggestion, count: int) -> Iterator[Suggestion]:
        part = narrowed(space, point)
        if point.keys() <= part.dimensions.keys():
            yield from novel(part, draws(random, len(part.keys)), seen, count, random, FEW)

    yield from drawn({key: value}, _FIRST)
    if len(seen) < _FIRST:  # these are all
        return
    part = narrowed(space, {key: value})
    for end in (0.0, 1.0):  # a value may fit only the smallest, or the largest, of the others
        corner = part.at([end] * len(part.keys))
        if key in corner and identity(corner) not in seen and part.fits(corner):
            seen.add(identity(corner))
            yield corner
    for other in space.keys:
        for own in extremes(space, other) if other != key else ():
            yield from drawn({key: value, other: own}, 1)


def _advice(space: Space, key: str, good: Sequence[Suggestion], bad: Sequence[Suggestion]) -> str:
    """What to add to a key that only some values of the others allow."""
    for other in space.keys:
        dimension = space.dimensions[other]
        if other == key or dimension.size is None or dimension.size > LISTED:
            continue
        refused = {identity(each.get(other)) for each in bad}
        accepted = {identity(each[other]) for each in good if other in each}
        values = [
            each for each in dimension.grid(dimension.size) if identity(each) in accepted - refused
        ]
        if values and not _depends(space, other, key):
            return f"add '{when(other, values)}' to '{key}'"
    return "it fits some values of the other keys; exclude the others with 'constraints'"


def _depends(space: Space, key: str, on: str) -> bool:
    """Whether a key is active only with some values of another one, also through others."""
    parents = space.conditions(key)
    return on in parents or any(_depends(space, each, on) for each in parents)
