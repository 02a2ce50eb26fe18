"""What to do about the name of a component that does not exist."""

from __future__ import annotations

import re

from dlrun.spec import names_elsewhere
from dlrun.spec.component import Component
from dlrun.spec.nodes import Entry, Mapping, Node, Scalar
from dlrun.spec.problems import did_you_mean

_TYPE_KEYS = ("type", "name", "kind", "class", "class_name", "_target_")

_MEMBERS = ("adam", "sgd", "dense", "csv", "uniform", "cosine", "accuracy", "random")
"""Components that examples in messages use, if they fit."""


def advice(name: str, family: type[Component], entry: Entry | None = None) -> str:
    """What to do about a name that a family does not have.

    Args:
        name: as written.
        family: the root of the components that are allowed.
        entry: what is written after the name, if the name is a key.
    """
    registry = family.family
    assert registry is not None
    if registry.family == "source" and (form := names_elsewhere.source_of(name)) in registry:
        return f"write '{form}: {{path: {name}, target: COLUMN}}'"
    word = simplified(name)
    for each in _words(name):
        same = names_elsewhere.SAME.get(registry.family, {}).get(each)
        if same is not None and same in registry:
            return f"did you mean '{same}'?"
        if (text := names_elsewhere.ADVICE.get(registry.family, {}).get(each)) is not None:
            return text
    known = {simplified(each): each for each in registry}
    if word in known:
        return _as_written(name, known[word])
    if entry is not None and name in _TYPE_KEYS:
        return f"write the {registry.family}'s name as the key: {_example(entry.value, family)}"
    if registry.family == "dimension" and entry and isinstance(entry.value, Mapping):
        return "write a key of the space as one path, such as 'optimizer.adam.lr'"
    if (member := usual(name, family)) is not None:
        return f"it is a key of '{member}': write the {registry.family}'s name before it"
    names = [each for main in registry for each in (main, *registry.aliases(main))]
    return did_you_mean(name, names)


def same(name: str, family: type[Component]) -> str | None:
    """The component of a family that has this name elsewhere, or in another spelling."""
    registry = family.family
    assert registry is not None
    known = {simplified(each): each for each in registry}
    known |= names_elsewhere.SAME.get(registry.family, {})
    found = (known.get(each) for each in _words(name))
    return next((each for each in found if each is not None and each in registry), None)


def instead(name: str, family: type[Component]) -> str | None:
    """What to do about a name that is known elsewhere, but not needed or possible in a family."""
    assert family.family is not None
    texts = names_elsewhere.ADVICE.get(family.family.family, {})
    return next((texts[each] for each in _words(name) if each in texts), None)


def _words(name: str) -> tuple[str, str]:
    """A simplified name, with and without a number at its end."""
    word = simplified(name)
    return word, word.rstrip("0123456789")


def _as_written(name: str, known: str) -> str:
    """A known name, with what follows it in a notation that is not YAML, such as ``dense(4)``."""
    call = re.fullmatch(r"\w+[\s:(]\s*([\w.]+)\)?", name)
    return f"write '{known}: {call[1]}'" if call else f"did you mean '{known}'?"


def _example(value: Node, family: type[Component]) -> str:
    registry = family.family
    assert registry is not None
    written = str(value.value) if isinstance(value, Scalar) else ""
    known = {simplified(each): each for each in registry}
    first = next((each for each in _MEMBERS if each in registry), next(iter(registry), "NAME"))
    return f"'{known.get(simplified(written), first)}: {{...}}'"


def usual(key: str, family: type[Component]) -> str | None:
    """The best known component of a family that has a key; None if there is none."""
    registry = family.family
    assert registry is not None
    members = [each for each in registry if key in registry[each].model_fields]
    return next((each for each in (*_MEMBERS, *members) if each in members), None)


def simplified(name: str) -> str:
    """A name in lower case, without its module, arguments, dimensions and separators."""
    word = re.split(r"[\s:(]", name.strip(), maxsplit=1)[0].rpartition(".")[2]
    return re.sub(r"[_-]|(?<=\w)[123]d$", "", word.lower())
