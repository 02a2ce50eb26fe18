"""The documentation of a component's class, for ``dlrun help`` and the reference."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from dlrun.spec.component import Component, key_of
from dlrun.spec.flow import show
from dlrun.spec.phrases import field_text
from dlrun.spec.resolved import dump


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """A field in words: its name, type, default (empty if it is required), and meaning."""

    name: str
    type: str
    default: str
    text: str


def summary(cls: type[Component]) -> str:
    """The first line of a component's docstring."""
    return text(cls).splitlines()[0]


def text(cls: type[Component]) -> str:
    """A component's docstring."""
    return inspect.cleandoc(cls.__doc__ or "")


def fields(cls: type[Component]) -> list[FieldHelp]:
    """The fields of a component, the main one first."""
    meanings = _meanings(cls)
    main = cls.main_field()
    names = sorted(cls.model_fields, key=lambda name: name != main)
    return [
        FieldHelp(name, field_text(cls, name), _default(cls, name), meanings.get(name, ""))
        for name in names
    ]


def _default(cls: type[Component], name: str) -> str:
    field = cls.model_fields[name]
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    assert value is not PydanticUndefined
    shown = dump(value)
    if isinstance(value, Component) and isinstance(shown, dict):
        return value.kind or "{}"
    return show(tuple(shown)) if isinstance(shown, list) else _bare(shown)


def _bare(value: object) -> str:
    return value if isinstance(value, str) else show(value)


def _meanings(cls: type[Component]) -> dict[str, str]:
    """The string below each field, in the class or in its base classes."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        if issubclass(each, Component) and each not in (Component, BaseModel):
            found |= _own_meanings(each)
    return found


@cache
def _own_meanings(cls: type[Component]) -> Mapping[str, str]:
    """The string below each field in the class itself.

    They exist only in the source, which is read for help but never for training.
    """
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):  # a class that was typed in, or whose module is gone
        return {}
    found: dict[str, str] = {}
    (tree,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(tree, ast.ClassDef)
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str() as meaning)):
                    key = key_of(field.target.id)
                    found[key] = " ".join(inspect.cleandoc(meaning).split())
    return found
