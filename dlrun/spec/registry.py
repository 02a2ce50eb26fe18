"""The names of the components of one family."""

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

    Further names of a component are accepted in a spec, too; the first one is shown.
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

    def forget(self, module: str) -> None:
        """Remove the components of a module, so that it can register them again.

        Args:
            module: its name, as in ``cls.__module__``.
        """
        for name in [name for name, cls in self._classes.items() if cls.__module__ == module]:
            del self._classes[name]
            for alias in self.aliases(name):
                del self._aliases[alias]

    def __getitem__(self, name: str) -> type[C]:
        return self._classes[self._aliases.get(name, name)]

    def __contains__(self, name: object) -> bool:
        return name in self._classes or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        """The names, without aliases, sorted."""
        return iter(sorted(self._classes))

    def aliases(self, name: str) -> list[str]:
        """The further names of a component."""
        return sorted(alias for alias, target in self._aliases.items() if target == name)
