"""Overrides of a sweep: ``trials=50`` for ``search.bayes.trials=50``, and keys of the space."""

from __future__ import annotations

from collections.abc import Iterable

from dlrun.search.dimensions.base import Dimension
from dlrun.search.samplers.base import Sampler
from dlrun.search.space import unabridged
from dlrun.spec import nodes
from dlrun.spec import overrides as override
from dlrun.spec.component import Component
from dlrun.spec.conflicts import says
from dlrun.spec.nodes import Entry, Mapping, Node
from dlrun.spec.notation import named
from dlrun.spec.overrides import Override
from dlrun.spec.problems import Problems
from dlrun.study.sweep.sweep import Sweep


class _Key(Component):
    """The value of a key of the space, so that an override can have a path into it."""

    dimension: Dimension


def apply(root: Mapping, overrides: Iterable[Override], problems: Problems) -> Mapping:
    """A sweep with overrides; of two for the same key, the later one wins.

    Args:
        root: the sweep.
        overrides: what to set.  A key that only the sampler has is the sampler's.
            ``space.optimizer.adam.lr`` is a key of the space; a path that continues after an
            existing key of the space leads into its dimension.
        problems: gets paths that do not exist, and overrides that undo each other.
    """
    done: list[tuple[Override, Override]] = []
    for each in overrides:
        full, space = _in_full(root, each), root.get("space")
        if each.path[0] == "space" and len(each.path) > 1 and isinstance(space, Mapping):
            changed = _in_space(space, each, problems)
            root = root if changed is None else root.having("space", changed, each.origin)
        else:
            root = override.apply(root, Sweep, [full], problems)
        done = [pair for pair in done if pair[1].path != full.path]
        for pair in [pair for pair in done if not _in_force(root, pair[1])]:
            done.remove(pair)
            what = f"it would undo {pair[0].shown}, which is set before it"
            problems.add(each.origin, what, "remove one of the two")
        done.append((each, full))
    return root


def _in_force(root: Mapping, each: Override) -> bool:
    """Whether a sweep has the value of an override; one with a wrong path is reported already."""
    space = root.get("space")
    if each.path[0] != "space" or len(each.path) == 1 or not isinstance(space, Mapping):
        return says(root, Sweep, each.path, each.value) or each.path[0] not in Sweep.model_fields
    key, path = _split(space, each.path[1:])
    there = space.get(key)
    if there is None or not path:
        return there is each.value
    dimension = Mapping({"dimension": Entry(each.origin, unabridged(there))}, each.origin)
    return says(dimension, _Key, ("dimension", *path), each.value)


def _split(space: nodes.Mapping, path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The longest key of a space that a path begins with, else the whole path, and the rest."""
    for length in range(len(path), 0, -1):
        key = ".".join(path[:length])
        if key in space.entries:
            return key, path[length:]
    return ".".join(path), ()


def _in_full(root: Mapping, each: Override) -> Override:
    search = root.get("search")
    if each.path[0] in Sweep.model_fields or search is None:
        return each
    sampler = named(search, Sampler, Problems())
    if sampler is None or each.path[0] not in sampler.cls.model_fields:
        return each
    return Override(("search", sampler.cls.kind, *each.path), each.value, each.origin)


def _in_space(space: nodes.Mapping, each: Override, problems: Problems) -> Node | None:
    """The space with an override; None if its path does not exist."""
    key, path = _split(space, each.path[1:])
    value: Node | None = each.value
    if path:
        there = unabridged(space.entries[key].value)
        root = Mapping({"dimension": Entry(each.origin, there)}, each.origin)
        inner = Override(("dimension", *path), each.value, each.origin)
        before = len(problems.messages())
        value = override.apply(root, _Key, [inner], problems).get("dimension")
        if len(problems.messages()) > before:
            return None
    return None if value is None else space.having(key, value, each.origin)
