"""The names of the components of one family."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Generic, TypeVar

C = TypeVar("C")
K = TypeVar("K", bound=type[Any])


class Registry(Generic[C]):
    """A family's components by name; calling it registers a class.

        layer = Registry[Layer]("layer")

        @layer("dense")
        class Dense(Layer): ...

    Further names of a component are accepted in a spec, too; the first one is shown.

    Members of expected modules are known by name.  A module is imported when a member is looked up,
    and all are for a name that is not expected, because only a class knows its aliases.
    """

    def __init__(self, family: str) -> None:
        self.family = family
        self._modules: dict[str, str] = {}
        self._classes: dict[str, type[C]] = {}
        self._aliases: dict[str, str] = {}

    def expect(self, package: str, *modules: str, **members: tuple[str, ...]) -> None:
        """Make members known whose modules are imported when they are needed.

        Args:
            package: the package of the modules.
            modules: those that register one component, which has the module's name.
            members: the names that each further module registers, without aliases.
        """
        for module, names in {**{each: (each,) for each in modules}, **members}.items():
            self._modules.update(dict.fromkeys(names, f"{package}.{module}"))

    def __call__(self, name: str, *aliases: str) -> Callable[[K], K]:
        """A decorator that registers a class under ``name`` and sets its ``kind``."""

        def register(cls: K) -> K:
            for each in (name, *aliases):
                if self._is_taken(each, cls.__module__):
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
            for alias in self.aliases(name):
                del self._aliases[alias]
            del self._classes[name]

    def __getitem__(self, name: str) -> type[C]:
        self._import(name)
        return self._classes[self._aliases.get(name, name)]

    def __contains__(self, name: object) -> bool:
        if name not in self._modules:
            self._import(name)
        return name in self._modules or name in self._classes or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        """The names, sorted, without aliases."""
        return iter(sorted({*self._classes, *self._modules}))

    def aliases(self, name: str) -> list[str]:
        """The further names of a component."""
        self._import(name)
        return sorted(alias for alias, target in self._aliases.items() if target == name)

    def _is_taken(self, name: str, module: str) -> bool:
        """Whether a module cannot register a component under a name."""
        if module in self._modules.values():  # others of them may not be imported yet
            known = name in self._classes or name in self._aliases
            return known or self._modules.get(name, module) != module
        return name in self

    def _import(self, name: object) -> None:
        """Import the module of a name; of a name that is not expected, all modules."""
        if name not in self._classes and name not in self._aliases:
            expected = [self._modules[name]] if name in self._modules else self._modules.values()
            for module in list(expected):
                import_module(module)
