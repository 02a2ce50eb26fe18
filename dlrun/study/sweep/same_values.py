"""Values of a key that mean the same: trials with them differ only in name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from dlrun.errors import SpecError
from dlrun.experiment.experiment import Experiment
from dlrun.search.dimensions.choice import Choice
from dlrun.search.space import Space
from dlrun.search.suggestion import thawed
from dlrun.spec.flow import show
from dlrun.study.sweep.single_values import Variants


def same_values(variants: Variants) -> list[str]:
    """A line for each two values of a choice that are one component with equal fields.

    Such as ``sgd`` and ``{sgd: {lr: 0.01}}``, if that is its default. Keys that depend on
    this one may tell its values apart, so then it has no line.

    Args:
        variants: of the spec.
    """
    lines = []
    for key, dimension in variants.space.dimensions.items():
        if isinstance(dimension, Choice) and not _has_dependents(variants.space, key):
            for values in _of_one_name(dimension.values):
                made = [(value, _made(variants, key, value)) for value in values]
                for (first, one), (second, other) in combinations(made, 2):
                    if one is not None and one == other:
                        what = f"{show(first)} and {show(second)} of '{key}' mean the same"
                        lines.append(f"{variants.space.origins[key]}: {what}; remove one of them")
    return lines


def _has_dependents(space: Space, key: str) -> bool:
    """Whether other keys are active only with some values of a key, or are parts of it."""
    others = space.dimensions.items()
    return any(key in (each.when or {}) or other.startswith(f"{key}.") for other, each in others)


def _of_one_name(values: Iterable[Any]) -> Sequence[Sequence[Any]]:
    """The values that are the same component, for each component with several."""
    found: dict[str, list[Any]] = {}
    for value in values:
        name = next(iter(value), None) if isinstance(value, Mapping) else value
        if isinstance(name, str):
            found.setdefault(name, []).append(thawed(value))
    return [each for each in found.values() if len(each) > 1]


def _made(variants: Variants, key: str, value: Any) -> Experiment | None:
    """The spec with a value; None if it is refused alone."""
    try:
        return variants.alone(key, value).experiment
    except SpecError:
        return None
