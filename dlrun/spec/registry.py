"""The names by which a spec calls the components of one family."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

C = TypeVar("C")
K = TypeVar("K", bound=type[Any])


class Registry(Generic[C]):
    """A family's components by name; calling it registers a class.

        layer = Registry[Layer]("layer")

        @layer("dense")
        class Dense(Layer): ...

    Further names are accepted in a spec as the same component; the first is the one shown.
    """

    def __init__(self, family: str) -> None:
        self.family = family
        self._classes: dict[str, type[C]] = {}
        self._aliases: dict[str, str] = {}

    def __call__(self, name: str, *aliases: str) -> Callable[[K], K]:
        """A decorator that registers a class under ``name`` and sets its ``kind``."""

        def register(cls: K) -> K:
            for each in (name, *aliases):
                if each in self._classes or each in self._aliases:
                    raise ValueError(f"{self.family} {each!r} is registered twice")
            self._classes[name] = cls
            self._aliases.update(dict.fromkeys(aliases, name))
            cls.kind = name
            return cls

        return register

    def __getitem__(self, name: str) -> type[C]:
        return self._classes[self._aliases.get(name, name)]

    def __contains__(self, name: object) -> bool:
        return name in self._classes or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        """The names, without aliases, sorted."""
        return iter(sorted(self._classes))

    def aliases(self, name: str) -> list[str]:
        """The further names of the component called ``name``."""
        return sorted(alias for alias, target in self._aliases.items() if target == name)
