"""A problem: a space, what a trial in it shows, and how far that is from the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dlrun import catalog
from dlrun.search.space import Space
from dlrun.spec.nodes import Mapping as Node
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse

Noise = Literal["none", "low", "high", "training"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trial that did not fail.

    Attributes:
        seen: the value that the search is told; lower is better.
        regret: the value without noise, less the smallest of the whole space.
    """

    seen: float
    regret: float


Trial = Callable[[Mapping[str, Any], np.random.Generator], Outcome | None]
"""From a suggestion to its outcome, or None if it fails. Each trial draws one number, whatever is
suggested, so that all searches with the same seed have the same noise."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to be searched.

    Attributes:
        name: such as ``branin-low``.
        base: the name without the noise.
        noise: its level; ``training`` is that of trainings with different seeds.
        space: to search in.
        trial: tries a suggestion.
    """

    name: str
    base: str
    noise: Noise
    space: Space
    trial: Trial


def space_of(text: str) -> Space:
    """The space that a text in YAML describes."""
    catalog.load()
    problems = Problems()
    root = parse(text, "space.yaml", problems)
    assert isinstance(root, Node)
    space = Space.read(root, None, problems)
    problems.raise_if_any()
    assert space is not None
    return space
