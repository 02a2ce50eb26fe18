"""Specs of prior trials, and the suggestions of a new space that lead to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlrun.errors import SpecError
from dlrun.experiment.read import facts_of
from dlrun.search.dimensions.base import Dimension
from dlrun.search.suggestion import Suggestion, identity, thawed
from dlrun.spec import overrides as override
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import dump
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.plan import SweepPlan

_NO_MATTER = frozenset({"name", "params", "checkpoint", "log"})
"""Keys of a spec that do not change the training; params count where they are used."""


def spec_of(plan: SweepPlan, base: Base, settings: Suggestion) -> dict[str, Any] | None:
    """A spec with settings as plain data, all defaults filled in; None if it has errors."""
    problems = Problems()
    document = base.document(override.read(settings, problems), problems)
    try:
        experiment = document.build(facts_of(plan.compiled.data))
    except SpecError:
        return None
    found: dict[str, Any] = thawed(dump(experiment.anchored(base.folder)))
    return found


def suggestion_of(plan: SweepPlan, spec: Mapping[str, Any]) -> Suggestion | None:
    """The suggestion of the space that leads to a spec; None if there is none."""
    space, found = plan.space, Suggestion()
    for key in space.keys:
        if space.counts(key, found):
            try:
                value = _value(spec, key.split("."))
            except LookupError:
                return None
            found[key] = _written(space.dimensions[key], value)
    return found if space.contains(found) else None


def _written(dimension: Dimension, value: Any) -> Any:
    """The value of a dimension that means a value of a spec with all defaults; itself if none does.

    A component may be written by its name, and with its main field or some of its fields alone.
    The longest of such values says most about the other fields.
    """
    if dimension.contains(value):
        return value
    if not dimension.numeric:
        possible = [each for each in dimension.grid(0) if _means(each, value)]
        return max(possible, key=lambda each: len(identity(each)), default=value)
    return next(iter(value.values())) if isinstance(value, dict) and value else value


def _means(written: Any, whole: Any) -> bool:
    """Whether what is written may be a value with all defaults."""
    if identity(written) == identity(whole):
        return True
    if not isinstance(whole, dict) or not whole:
        return False
    if isinstance(written, dict):
        known = written.keys() <= whole.keys()
        if known and all(_means(each, whole[key]) for key, each in written.items()):
            return True
    main = next(iter(whole))
    return (len(whole) == 1 and written == main) or _means(written, whole[main])


def _value(data: Any, path: Sequence[str]) -> Any:
    """The value at a path of plain data.

    Raises:
        LookupError: there is none.
    """
    for step in path:
        if isinstance(data, list) and step.isdecimal():
            data = data[int(step)]
        elif isinstance(data, dict):
            data = data[step]
        else:
            raise LookupError(step)
    return data


def same_training(spec: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether two specs have the same training."""
    kept = spec.keys() - _NO_MATTER
    return other is not None and all(identity(spec[key]) == identity(other[key]) for key in kept)
