"""Overrides of a sweep: ``trials=50`` for ``search.bayes.trials=50``, and keys of the space."""

from __future__ import annotations

from collections.abc import Iterable

from dlrun.spec import nodes
from dlrun.spec import overrides as override
from dlrun.spec.component import Component
from dlrun.spec.nodes import Entry, Mapping, Node
from dlrun.spec.notation import named
from dlrun.spec.overrides import Override
from dlrun.spec.problems import Problems
from dlrun.tune.dimension import Dimension
from dlrun.tune.sampler import Sampler
from dlrun.tune.space import unabridged
from dlrun.tune.sweep import Sweep


class _Key(Component):
    """What stands at a key of the space, so that an override can lead into it."""

    dimension: Dimension


def apply(root: Mapping, overrides: Iterable[Override], problems: Problems) -> Mapping:
    """A sweep with overrides; later ones win.

    Args:
        root: the sweep.
        overrides: what to set.  A key that a sweep lacks and its sampler has is the sampler's.
            ``space.optimizer.adam.lr`` is a key of the space, and what follows behind one that is
            there leads into its dimension.
        problems: gets paths that lead nowhere.
    """
    for each in overrides:
        space = root.get("space")
        if each.path[0] == "space" and len(each.path) > 1 and isinstance(space, Mapping):
            changed = _in_space(space, each, problems)
            root = root if changed is None else root.having("space", changed, each.origin)
        else:
            root = override.apply(root, Sweep, [_in_full(root, each)], problems)
    return root


def _in_full(root: Mapping, each: Override) -> Override:
    search = root.get("search")
    if each.path[0] in Sweep.model_fields or search is None:
        return each
    sampler = named(search, Sampler, Problems())
    if sampler is None or each.path[0] not in sampler.cls.model_fields:
        return each
    return Override(("search", sampler.cls.kind, *each.path), each.value, each.origin)


def _in_space(space: nodes.Mapping, each: Override, problems: Problems) -> Node | None:
    """The space with an override; None where it leads nowhere."""
    _, *path = each.path
    for length in range(len(path), 0, -1):
        key = ".".join(path[:length])
        if key in space.entries:
            break
    else:
        key, length = ".".join(path), len(path)
    value: Node | None = each.value
    if path[length:]:
        there = unabridged(space.entries[key].value)
        root = Mapping({"dimension": Entry(each.origin, there)}, each.origin)
        inner = Override(("dimension", *path[length:]), each.value, each.origin)
        before = len(problems.messages())
        value = override.apply(root, _Key, [inner], problems).get("dimension")
        if len(problems.messages()) > before:
            return None
    return None if value is None else space.having(key, value, each.origin)
