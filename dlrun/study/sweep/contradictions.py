"""Keys of a space that undo each other: every value of a trial must take effect in its training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product
from typing import Any

from dlrun.experiment.experiment import Experiment
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, identity, thawed
from dlrun.spec import nodes
from dlrun.spec.conflicts import params_read
from dlrun.spec.flow import show
from dlrun.spec.from_python import from_plain
from dlrun.spec.origin import InFile, InSweep, Origin
from dlrun.spec.overrides import Conflict, Override, set_all
from dlrun.spec.problems import Problems
from dlrun.study.sweep.condition_text import when

_WAYS = 64
"""Maximum number of ways to satisfy the conditions of two keys that are checked."""


def placed(settings: Mapping[str, Any], node: nodes.Mapping) -> list[Override]:
    """Values as overrides whose places are those of the keys in the space.

    Args:
        settings: values by key.
        node: the tree of the space.
    """
    found = []
    for key, value in settings.items():
        entry = node.entries[key]
        inner = from_plain(value, _in_sweep(entry.value.origin))
        found.append(Override(tuple(key.split(".")), inner, _in_sweep(entry.key)))
    return found


def contradictions(
    space: Space,
    node: nodes.Mapping,
    root: nodes.Mapping,
    given: Sequence[Override],
    problems: Problems,
) -> list[str]:
    """Check every two values of the space that can occur together, and report lost ones.

    Two keys occur together in a suggestion if the conditions of both hold.  Of numbers, only the
    first and the last are checked, because all numbers of a key affect the other keys equally; of
    other values, all.

    Args:
        space: the search space.
        node: its tree.
        root: the tree of the spec, without ``given``.
        given: overrides of the spec from the command line, which the space must not undo either.
        problems: gets an error for every two keys of which one undoes the other.

    Returns:
        A line for every param of the space that the spec never reads.
    """
    check = _Check(space, node, root, given)
    for each in given:
        if _key(each) in space.dimensions:
            what, advice = f"the space also sets '{_key(each)}'", f"override space.{_key(each)}"
            problems.add(each.origin, what, advice)
    done: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    readers: dict[str, list[tuple[Suggestion, bool]]] = {}
    for suggestion in check.meetings():
        conflicts, errors, read = check.tried(suggestion)
        for error in errors:
            problems.add(*error)
        for conflict in conflicts:
            pair = (conflict.first.path, conflict.second.path)
            if pair not in done:
                done.add(pair)
                problems.add(*check.described(conflict))
        for key, is_read in read.items():
            readers.setdefault(key, []).append((suggestion, is_read))
    notes = []
    for key, tries in readers.items():
        ways = {is_read for _, is_read in tries}
        if ways == {False}:
            name = f"${{{key.split('.')[1]}}}"
            what = f"the spec has no {name}, so trials that differ only in it train the same"
            notes.append(f"{node.entries[key].key}: {what}")
        elif ways == {True, False}:
            problems.add(_in_sweep(node.entries[key].key), *check.unread(key, tries))
    return notes


class _Check:
    def __init__(
        self,
        space: Space,
        node: nodes.Mapping,
        root: nodes.Mapping,
        given: Sequence[Override],
    ) -> None:
        self.space, self.node, self.root, self.given = space, node, root, list(given)
        self._named = {other for key in space.keys for other in space.conditions(key)}

    def meetings(self) -> Iterator[Suggestion]:
        """Suggestions that together contain every pair of values that can occur together."""
        seen: set[str] = set()
        pairs = [
            (one, other)
            for one, other in combinations(self.space.keys, 2)
            if one.split(".")[0] == other.split(".")[0] or _is_param(one) != _is_param(other)
        ]
        alone = [(key,) for key in self.space.keys]
        for keys in [*pairs, *alone]:
            for values in product(*map(self.values, keys)):
                for suggestion in self.having(dict(zip(keys, values, strict=True))):
                    if (word := identity(suggestion)) not in seen:
                        seen.add(word)
                        yield suggestion

    def values(self, key: str) -> Sequence[Any]:
        """The values of a key that affect other keys differently."""
        dimension = self.space.dimensions[key]
        if not dimension.numeric:
            return dimension.grid(dimension.size or 1)
        ends = [dimension.at(0.0), dimension.at(1.0)]
        if key in self._named and dimension.size is not None and dimension.kind == "choice":
            ends = list(dimension.grid(dimension.size))
        return list({identity(value): value for value in ends}.values())

    def having(self, fixed: Suggestion) -> Iterator[Suggestion]:
        """Suggestions with some values fixed; other keys in force have their first value."""
        needed: dict[str, list[Any]] = {key: [value] for key, value in fixed.items()}
        for key in reversed(self.space.keys):  # conditions come before what depends on them
            for other, wanted in self.space.conditions(key).items() if key in needed else ():
                allowed = set(map(identity, map(thawed, wanted)))
                before = needed.get(other, thawed(list(wanted)))
                needed[other] = [value for value in before if identity(value) in allowed]
        for chosen in islice(product(*needed.values()), _WAYS):
            wishes = dict(zip(needed, chosen, strict=True))
            suggestion: Suggestion = {}
            for key in self.space.keys:
                if self.space.counts(key, suggestion):
                    suggestion[key] = wishes[key] if key in wishes else self.values(key)[0]
            if fixed.keys() <= suggestion.keys() and self._allowed(suggestion, wishes):
                yield suggestion

    def _allowed(self, suggestion: Suggestion, wishes: Mapping[str, Any]) -> bool:
        """Whether the constraints hold that are only about fixed values and choices."""
        return all(
            each.holds(suggestion)
            for each in self.space.constraints
            if each.keys <= wishes.keys()
            and all(self.space.dimensions[key].kind == "choice" for key in each.keys)
        )

    def tried(
        self, suggestion: Suggestion
    ) -> tuple[list[Conflict], list[tuple[Origin, str]], dict[str, bool]]:
        """Values that are undone, errors of keys, and whether the spec reads each param."""
        problems = Problems()
        overrides = [*self.given, *placed(suggestion, self.node)]
        root, conflicts = set_all(self.root, Experiment, overrides, problems)
        read = params_read(root)
        lost = {_key(each.first) for each in conflicts}
        params = [key for key in suggestion if _is_param(key) and key not in lost]
        return conflicts, problems.found(), {key: key.split(".")[1] in read for key in params}

    def described(self, conflict: Conflict) -> tuple[Origin, str, str]:
        """The place of a conflict, its description, and what to do."""
        first, second = conflict.first, conflict.second
        keys = [_key(first), _key(second)]
        place, value = second.origin, show(nodes.plain(first.value))
        if not all(key in self.space.dimensions for key in keys):
            what = f"'{keys[1]}' of the space would undo it"
            return first.origin, what, "remove one of the two"
        if conflict.unread:
            where = f"'{keys[1]}' is {show(nodes.plain(second.value))}"
            name = f"${{{first.path[1]}}}"
            what = f"nothing reads {name} where {where}"
            return first.origin, what, self._condition(keys[1], keys[0])
        if second.path[: len(first.path)] == first.path:
            what = f"'{keys[1]}' would replace {value} of '{keys[0]}'"
            return place, what, self._condition(keys[0], keys[1])
        what = f"'{keys[1]}' would undo '{keys[0]}'"
        shared = next(
            n for n, (a, b) in enumerate(zip(first.path, second.path, strict=False)) if a != b
        )
        common = ".".join(first.path[:shared])
        if not common or common in self.space.dimensions:
            return place, what, "give each a 'when', so that they never occur together"
        names = f"{first.path[shared]}, {second.path[shared]}"
        condition = when(common, [second.path[shared]])
        advice = f"add '{common}: [{names}]' to the space, and '{condition}' to this key"
        return place, what, advice

    def unread(self, key: str, tries: Sequence[tuple[Suggestion, bool]]) -> tuple[str, str]:
        """The error, and what to do, for a param that only some suggestions read."""
        what = f"nothing reads {'${' + key.split('.')[1] + '}'}"
        for other in self.space.keys:
            ways: dict[bool, dict[str, Any]] = {True: {}, False: {}}
            for suggestion, is_read in tries:
                if other in suggestion:
                    ways[is_read][identity(suggestion[other])] = suggestion[other]
            if ways[True] and ways[False] and not ways[True].keys() & ways[False].keys():
                value = show(next(iter(ways[False].values())))
                advice = f"add '{when(other, list(ways[True].values()))}'"
                return f"{what} where '{other}' is {value}", advice
        return f"{what} in some of the trials", "give it a 'when'"

    def _condition(self, parent: str, child: str) -> str:
        """A ``when`` with the values of one key that leave another one in force."""
        good = [
            value
            for value in self.values(parent)
            if all(self._agree({parent: value, child: each}) for each in self.values(child))
        ]
        if not good or len(good) == len(self.values(parent)):
            return "remove one of the two"
        return f"add '{when(parent, good)}'"

    def _agree(self, two: Suggestion) -> bool:
        """Whether values of two keys are both in force wherever they occur together."""
        return not any(
            errors or any({_key(each.first), _key(each.second)} == two.keys() for each in conflicts)
            for suggestion in self.having(two)
            for conflicts, errors, _ in [self.tried(suggestion)]
        )


def _key(override: Override) -> str:
    return ".".join(override.path)


def _is_param(key: str) -> bool:
    return key.startswith("params.")


def undone(space: Space, root: nodes.Mapping, suggestion: Suggestion) -> Iterable[str]:
    """Messages about values of a suggestion that other values undo.

    Args:
        space: the search space.
        root: the tree of the spec.
        suggestion: the values.
    """
    overrides = [
        Override(tuple(key.split(".")), from_plain(value, origin), origin)
        for key, value in suggestion.items()
        for origin in [space.dimensions[key].origin]
    ]
    for each in set_all(root, Experiment, overrides, Problems())[1]:
        yield f"{each.second.origin}: '{_key(each.second)}': {each.fault}"


def _in_sweep(origin: Origin) -> Origin:
    if isinstance(origin, InFile):
        return InSweep(origin.file, origin.line, origin.column)
    return origin
