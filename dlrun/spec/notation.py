"""Reading the different notations of a component.

- relu                                  a bare name
- dense: 10                             a name with its main field
- dense: {units: 10, bias: false}       a name with its fields
- repeat: 2                             a name with its main field,
  layers: [...]                         and further fields next to it

A section has no name: ``budget: {time: 4h}``, or ``budget: 4h`` if it may be short.
"""

from __future__ import annotations

from dataclasses import dataclass

from dlrun.spec.component import Component
from dlrun.spec.nodes import Entry, Mapping, Node, Scalar, Sequence
from dlrun.spec.origin import Origin
from dlrun.spec.other_names import advice
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import UNKNOWN


@dataclass(frozen=True, slots=True)
class Named:
    """A component as written: its class, where it is named, and its fields."""

    cls: type[Component]
    origin: Origin
    fields: Mapping


def named(
    node: Node, family: type[Component], problems: Problems, *, in_list: bool = False
) -> Named | None:
    """Read any of the notations; None if the node is none of them.

    Args:
        node: part of the spec.
        family: the root of the components that are allowed here.
        problems: gets the errors.
        in_list: whether the node is an item of a list, so that there may be several.
    """
    assert family.family is not None
    word = family.family.family
    if isinstance(node, Scalar):
        if node.value is UNKNOWN:
            return None
        if not isinstance(node.value, str):
            problems.add(
                node.origin,
                f"expected the name of {'an' if word[0] in 'aeiou' else 'a'} {word}",
                _known(family),
            )
            return None
        cls = find(node.value, node.origin, family, problems)
        return None if cls is None else Named(cls, node.origin, Mapping({}, node.origin))
    if isinstance(node, Sequence) or not node.entries:
        problems.add(node.origin, f"expected one {word}, as a name or a mapping", _known(family))
        return None
    (name, first), *others = node.entries.items()
    if len(node.entries) > 1 and name not in family.family:
        inside = [key for key in node.entries if key in family.family]
        if inside:
            problems.add(
                first.key,
                f"'{name}' is written before the {word}'s name",
                f"write '{inside[0]}' first",
            )
            return None
    cls = find(name, first.key, family, problems, first)
    if cls is None:
        return None
    fields = _fields(cls, first, problems)
    for key, entry in others:
        if key in fields:
            problems.add(entry.key, f"'{key}' is given twice", "remove one")
        elif key not in cls.model_fields and key in family.family:
            pair = f"'{name}' and '{key}'"
            if in_list:
                problems.add(entry.key, f"two {word}s in one item, {pair}", "begin each with '- '")
            else:
                problems.add(entry.key, f"{pair}, but only one {word} is possible", "remove one")
        else:
            fields[key] = entry
    return Named(cls, first.key, Mapping(fields, node.origin))


def section_fields(cls: type[Component], node: Node) -> Mapping | None:
    """The fields of a section, in either notation; None if the node is neither.

    Args:
        cls: the section.
        node: part of the spec.
    """
    if isinstance(node, Mapping):
        return node
    main = cls.main_field() if cls.short else None
    if main is None or not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    return Mapping({main: Entry(node.origin, node)}, node.origin)


def _fields(cls: type[Component], first: Entry, problems: Problems) -> dict[str, Entry]:
    value = first.value
    if isinstance(value, Mapping):
        return dict(value.entries)
    if isinstance(value, Scalar) and value.value is None:
        return {}
    main = cls.main_field()
    if main is None:
        problems.add(value.origin, f"'{cls.kind}' has no fields", f"write just '{cls.kind}'")
        return {}
    return {main: Entry(first.key, value)}


def find(
    name: str,
    origin: Origin,
    family: type[Component],
    problems: Problems,
    entry: Entry | None = None,
) -> type[Component] | None:
    """The component of a family by name; None if there is none, which is noted as an error.

    Args:
        name: as written.
        origin: where it is.
        family: the root of the components that are allowed.
        problems: gets the error.
        entry: what is written after the name, if the name is a key.
    """
    registry = family.family
    assert registry is not None
    if name in registry:
        component: type[Component] = registry[name]
        return component
    problems.add(origin, f"unknown {registry.family} '{name}'", advice(name, family, entry))
    return None


def _known(family: type[Component]) -> str:
    return f"known: {', '.join(family.family or ())}"
