"""The base class of everything that a spec can name; its fields are the YAML keys."""

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
    """The YAML key of a field: its name, or ``from`` for ``from_`` and so on for all keywords."""
    return name[:-1] if name.endswith("_") and iskeyword(name[:-1]) else name


class _Keyed(ModelMetaclass):
    """Renames the fields of a class to their keys before pydantic reads them."""

    def __new__(cls, name: str, bases: Any, body: dict[str, Any], **more: Any) -> Any:
        kinds = body.get("__annotations__", {})
        body = {key_of(key): value for key, value in body.items()}
        body["__annotations__"] = {key_of(key): kind for key, kind in kinds.items()}
        return super().__new__(cls, name, bases, body, **more)


class Component(BaseModel, metaclass=_Keyed):
    """A part of a spec, typed and frozen.

    The fields of a subclass are its YAML keys, their types are the validation, the docstring is the
    help, and the string below a field is that field's help.  The **first field is the main one**:
    ``dense: 10`` is short for ``dense: {units: 10}``; fields that all members inherit from the
    family's root come after a member's own.  A key that is a Python keyword, such as ``from``, is
    declared with an underscore at its end and read by ``getattr(component, "from")``.

    A *family* (layers, optimizers, ...) is a direct subclass that sets ``family`` to a Registry;
    its members are registered under their names in YAML.  A component without a family (such as
    the ``data`` section) is a *section*, written as a mapping, or as the text of its main field if
    it is ``short``.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,  # "3" is not a number and 1 is not a bool
        allow_inf_nan=False,
        defer_build=True,  # a spec uses ten of a hundred components
        arbitrary_types_allowed=True,
        protected_namespaces=(),
    )

    family: ClassVar[Registry[Any] | None] = None
    kind: ClassVar[str] = ""
    common: ClassVar[bool] = False
    """True for a class between a family's root and its members; its fields, like those of the root,
    come after a member's own."""

    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    """Fields of further examples, for cases that ``dlrun.spec.examples`` does not reach."""

    other_file: ClassVar[tuple[frozenset[str], str] | None] = None
    """Keys of a file of another kind that is mistaken for this one, and what to do with it."""

    short: ClassVar[bool] = False
    """Whether a section may be written as the text of its main field: ``budget: 4h``."""

    common_keys: ClassVar[bool] = False
    """Whether the keys of a section are usually meant as those of other sections, if they are in
    the wrong place."""

    _origin: Origin = PrivateAttr(default=Default())
    _places: Mapping[str, Origin] = PrivateAttr(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether type and fields are the same; origins do not count."""
        return type(self) is type(other) and vars(self) == vars(other)

    @property
    def origin(self) -> Origin:
        """Where it is in the spec, for messages."""
        return self._origin

    def place_of(self, field: str) -> Origin:
        """The origin of a field; the component's own if the field is not in the spec."""
        return self._places.get(field, self._origin)

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """What to do about a value of a type that is not allowed, if it is clear what is meant.

        Args:
            value: plain data, as in the spec.
            field: whose value it is; empty for the value of the component itself.
        """
        return ""

    @classmethod
    def main_field(cls) -> str | None:
        """The field that ``name: value`` sets."""
        # A member may repeat a field of the root to set a default; the field is then its own.
        own = {
            name
            for each in cls.__mro__
            if issubclass(each, Component) and not {"family", "common"} & vars(each).keys()
            for name in vars(each).get("__annotations__", {})
        }
        return next((name for name in cls.model_fields if name in own), None) or next(
            iter(cls.model_fields), None
        )
