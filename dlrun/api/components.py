"""The components and sections that a spec or a sweep can contain, with their help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dlrun import catalog
from dlrun.api.sections import DOCUMENTS, sections
from dlrun.errors import InputError
from dlrun.experiment.plugins import load_installed
from dlrun.spec import help as texts
from dlrun.spec.component import Component
from dlrun.spec.help import FieldHelp
from dlrun.spec.keys_elsewhere import SAME
from dlrun.spec.other_names import advice, instead, same, usual
from dlrun.spec.problems import did_you_mean, near
from dlrun.spec.registry import Registry


@dataclass(frozen=True, slots=True)
class ComponentHelp:
    """A component that a spec can name, or a section of specs or sweeps.

    Attributes:
        family: its kind, such as ``layer``; of a section, ``spec`` or ``sweep``.
        name: as specs name it; for one that was asked for by an alias, its main name; of a
            section, its dotted key, such as ``data.split``.
        cls: the class, whose docstring and fields are the help.
    """

    family: str
    name: str
    cls: type[Component]

    @property
    def summary(self) -> str:
        """The help in one line."""
        return texts.summary(self.cls)

    @property
    def text(self) -> str:
        """The help in full."""
        return texts.text(self.cls)

    @property
    def fields(self) -> tuple[FieldHelp, ...]:
        """Name, type, default and meaning of each field, the main field first."""
        return tuple(texts.fields(self.cls))


def components(family: str | None = None, name: str | None = None) -> tuple[ComponentHelp, ...]:
    """The components that a spec can name, including those of installed packages, and all sections.

    Args:
        family: a kind of component, such as ``layer`` or ``optimizer``; ``spec`` or ``sweep``, for
            its keys and sections; or one section, such as ``data.split``. None is all of them.
        name: a component of that kind, or a section; None is all of them.

    Raises:
        InputError: the family, component or section does not exist.
    """
    load_installed()
    catalog.load()
    families = _families()
    if family is None:
        if name is not None:
            raise InputError(f"'{name}' needs its family, such as layer")
        return tuple(each for members in families.values() for each in members.values())
    if name is None:
        for document in DOCUMENTS:
            if family != document and family in families[document]:
                return (families[document][family],)
    if family not in families:
        raise InputError(_unknown(family, families))
    members = families[family]
    if name is None:
        return tuple(members.values())
    if family not in DOCUMENTS:  # a registry knows aliases too
        registry = _registries()[family]
        name = registry[name].kind if name in registry else name
    if name not in members:
        raise InputError(f"unknown {family} '{name}'; {_advice(family, name, members)}")
    return (members[name],)


def _registries() -> dict[str, Registry[Any]]:
    found = [root.family for root in catalog.FAMILIES if root.family is not None]
    return {registry.family: registry for registry in found}


def _families() -> dict[str, dict[str, ComponentHelp]]:
    """Everything that has help, by family and name, in the order of a spec; then sweeps."""
    documents = {
        word: {
            name: ComponentHelp(word, name, section)
            for name, section in {word: cls, **sections(word)}.items()
        }
        for word, cls in DOCUMENTS.items()
    }
    registries = {
        family: {name: ComponentHelp(family, name, registry[name]) for name in registry}
        for family, registry in _registries().items()
    }
    return {"spec": documents["spec"], **registries, "sweep": documents["sweep"]}


def _unknown(word: str, families: dict[str, dict[str, ComponentHelp]]) -> str:
    """A message about an unknown family: if it is a component or a key, where its help is."""
    names = {*families, *(name for document in DOCUMENTS for name in families[document])}
    places = list(_places(word, families)) or list(_components_elsewhere(word))
    if not places:
        if texts := [text for root in catalog.FAMILIES if (text := instead(word, root))]:
            return f"'{word}' is not a family; {texts[0]}"
        if near(word, names) is None:
            places = list(_keys_elsewhere(word, families))
    if places:
        return f"'{word}' is not a family; see {' or '.join(places)}"
    return f"unknown family '{word}'; {did_you_mean(word, names)}"


def _advice(family: str, name: str, members: Iterable[str]) -> str:
    """What to do about an unknown name of a family, as in a spec; or of a section."""
    registry = _registries().get(family)
    root = next((each for each in catalog.FAMILIES if each.family is registry), None)
    return did_you_mean(name, members) if registry is None or root is None else advice(name, root)


def _components_elsewhere(word: str) -> Iterator[str]:
    """The commands that explain what other libraries call by a name."""
    for root in catalog.FAMILIES:
        found = same(word, root)
        if found is not None and root.family is not None:
            yield f"dlrun help {root.family.family} {found}"


def _keys_elsewhere(word: str, families: dict[str, dict[str, ComponentHelp]]) -> Iterator[str]:
    """The commands that explain a key of a component, or what other libraries call by a name."""
    known = {
        key
        for word in DOCUMENTS
        for each in families[word].values()
        for key in each.cls.model_fields
    }
    meant = SAME.get(word.lower(), ()) or (near(word, known) or word,)
    if found := list(dict.fromkeys(place for key in meant for place in _places(key, families))):
        yield from found
        return
    for key in meant:
        for root in catalog.FAMILIES:
            if root.family is not None and (member := usual(key, root)) is not None:
                yield f"dlrun help {root.family.family} {member}"
                break


def _places(word: str, families: dict[str, dict[str, ComponentHelp]]) -> Iterator[str]:
    """The commands that explain a component or a key."""
    path, _, key = word.rpartition(".")
    for family, registry in _registries().items():
        if word in registry:
            yield f"dlrun help {family} {word}"
    for document in DOCUMENTS:
        for name, section in families[document].items():
            if key in section.cls.model_fields and path in ("", name):
                yield f"dlrun help {name}"
