"""The base of everything that a spec can name: one class, whose fields are its YAML keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

from dlrun.spec.origin import Default, Origin
from dlrun.spec.registry import Registry


class Component(BaseModel):
    """A part of a spec, typed and frozen.

    A subclass's fields are its YAML keys, their types its validation, the docstring its help and
    the string under a field that field's help.  The **first field is the main one**: ``dense: 10``
    is short for ``dense: {units: 10}``; fields that the family's root gives to all of its members
    come after a member's own.

    A *family* (layers, optimizers, ...) is a direct subclass that sets ``family`` to a Registry;
    its members are registered under the name that the YAML uses.  A component without a family
    (the ``data`` section, say) is always written as a mapping.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,  # "3" is no number and 1 is no bool
        defer_build=True,  # of a hundred components a spec uses ten
        arbitrary_types_allowed=True,
        protected_namespaces=(),
    )

    family: ClassVar[Registry[Any] | None] = None
    kind: ClassVar[str] = ""
    common: ClassVar[bool] = False
    """Set by a class between a family's root and members, whose fields, like those of the root,
    come after a member's own."""

    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    """Fields of further examples, for what ``dlrun.spec.examples`` does not reach by itself."""

    _origin: Origin = PrivateAttr(default=Default())
    _places: Mapping[str, Origin] = PrivateAttr(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether type and fields are the same, wherever a spec says them."""
        return type(self) is type(other) and vars(self) == vars(other)

    @property
    def origin(self) -> Origin:
        """Where the spec says it, for messages."""
        return self._origin

    def place_of(self, field: str) -> Origin:
        """Where the spec says a field; the component's own place where it does not."""
        return self._places.get(field, self._origin)

    @classmethod
    def main_field(cls) -> str | None:
        """The field that ``name: value`` sets."""
        # A member may repeat a field of the root, to give it a default: then it is its own.
        own = {
            name
            for each in cls.__mro__
            if issubclass(each, Component) and not {"family", "common"} & vars(each).keys()
            for name in vars(each).get("__annotations__", {})
        }
        return next((name for name in cls.model_fields if name in own), None) or next(
            iter(cls.model_fields), None
        )
