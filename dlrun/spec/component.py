"""The base of everything that a spec can name: one class, whose fields are its YAML keys."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

from dlrun.spec.origin import Default, Origin
from dlrun.spec.registry import Registry

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)


def key_of(name: str) -> str:
    """The YAML key of a field: its name, but ``from`` for ``from_``, and so for all keywords."""
    return name[:-1] if name.endswith("_") and iskeyword(name[:-1]) else name


class _Keyed(ModelMetaclass):
    """Names the fields of a class by their keys, before pydantic sees them."""

    def __new__(cls, name: str, bases: Any, body: dict[str, Any], **more: Any) -> Any:
        kinds = body.get("__annotations__", {})
        body = {key_of(key): value for key, value in body.items()}
        body["__annotations__"] = {key_of(key): kind for key, kind in kinds.items()}
        return super().__new__(cls, name, bases, body, **more)


class Component(BaseModel, metaclass=_Keyed):
    """A part of a spec, typed and frozen.

    A subclass's fields are its YAML keys, their types its validation, the docstring its help and
    the string under a field that field's help.  The **first field is the main one**: ``dense: 10``
    is short for ``dense: {units: 10}``; fields that the family's root gives to all of its members
    come after a member's own.  A key that is a keyword of Python, as ``from``, is a field with an
    underscore at its end, which ``getattr(component, "from")`` reads.

    A *family* (layers, optimizers, ...) is a direct subclass that sets ``family`` to a Registry;
    its members are registered under the name that the YAML uses.  A component without a family
    (the ``data`` section, say) is always written as a mapping.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,  # "3" is no number and 1 is no bool
        allow_inf_nan=False,
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
