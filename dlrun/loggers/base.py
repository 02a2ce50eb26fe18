"""The base of loggers: they send what happens in a run to another program."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

if TYPE_CHECKING:
    from dlrun.loggers.sink import Sink


class Logger(Component):
    """Base class of all loggers.

    A logger gets the resolved spec, every epoch and the result.  It changes no result: its library
    runs in a separate process, and if it fails, training continues without it.
    """

    family: ClassVar = Registry["Logger"]("logger")

    package: ClassVar[str]
    """The module that the logger imports."""
    extra: ClassVar[str]
    """The extra of dlrun that installs it."""

    tags: dict[str, str] = Field(default_factory=dict)
    """Further texts to log with the run, by name."""
    artifacts: bool = False
    """Whether to store ``resolved.yaml`` and the plots at the end; weights are never stored."""

    @property
    def place(self) -> str:
        """Where it logs to, for comparison with earlier processes of the run; not a secret."""
        raise NotImplementedError

    def sink(self) -> Sink:
        """A run in the library, which is imported by its methods."""
        raise NotImplementedError

    def connect(self) -> Sink:
        """A run in the library, in a separate process that its methods start and talk to.

        Importing one of the libraries holds the interpreter for about a second, and their threads
        and exit handlers may wait for a server.
        """
        from dlrun.loggers.remote import Remote

        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return Remote(type(self).__module__, self.kind, fields)

    def missing(self) -> tuple[str, str] | None:
        """Which package is missing, and how to install it; None if none is."""
        if find_spec(self.package) is not None:
            return None
        return f"{self.kind} needs {self.package}", f"install it: pip install 'dlrun[{self.extra}]'"

    def errors(self) -> Iterator[tuple[str, str, str]]:
        """Errors of the fields: field, error and advice; none of them shows a password."""
        yield from ()

    def anchored(self, folder: Path) -> Self:
        """The same logger with absolute paths.

        Args:
            folder: where relative paths start.
        """
        return self


logger = Logger.family
