"""The points that a sweep tries first: its key ``first``."""

from __future__ import annotations

from dlrun.rng import Stream, generator
from dlrun.search.point import Setting, narrowed, read_point
from dlrun.search.samplers.base import novel
from dlrun.search.samplers.random import draws
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, identity
from dlrun.spec import nodes
from dlrun.spec.nodes import Node, plain
from dlrun.spec.problems import Problems


def read_points(
    node: Node | None, space: Space | None, trials: int | None, problems: Problems
) -> tuple[Suggestion, ...]:
    """The points of a sweep, in order.

    Args:
        node: the value of ``first``; None if the sweep has none.
        space: the search space; None if it has errors.
        trials: that the search asks for; None for as many as the space has.
        problems: gets the errors.
    """
    if not isinstance(node, nodes.Sequence):  # which is reported as of any list
        return ()
    found: list[Suggestion] = []
    whole = dict[str, int]()
    for number, item in enumerate(node.items, start=1):
        if not isinstance(item, nodes.Mapping):
            continue
        if not item.entries:
            what = "a point needs a value for at least one key of the space"
            problems.add(item.origin, what, "write e.g. '- {optimizer.adam.lr: 0.01}'")
            continue
        point = None if space is None else _point(item, space, problems)
        if space is None or point is None:
            continue
        first = whole.setdefault(identity(point), number) if space.contains(point) else number
        if first != number:
            what = f"point {number} is the same as point {first}"
            problems.add(item.origin, what, "remove one of them")
        found.append(point)
    if trials is not None and len(node.items) > trials:
        what = f"{len(node.items)} points, and the search has {trials} trials"
        problems.add(node.origin, what, "remove some, or raise 'trials'")
    return tuple(found)


def _point(item: nodes.Mapping, space: Space, problems: Problems) -> Suggestion | None:
    settings = [
        Setting(key, plain(entry.value), entry.key, entry.value.origin)
        for key, entry in item.entries.items()
    ]
    point = read_point(space, settings, item.origin, problems)
    if point is None or space.contains(point):
        return point
    part = narrowed(space, point)
    random = generator(0, Stream.SAMPLER, 0)
    if not novel(part, draws(random, len(part.keys)), set(), 1, random):
        what = "no values of the other keys satisfy the constraints with this point"
        problems.add(item.origin, what, "change a value, or loosen a constraint")
        return None
    return point
