"""Where a value of a spec came from: what an error message points at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The root of all kinds; ``str`` gives the text that starts an error line."""

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class InFile(Origin):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class InSweep(InFile):
    """A place in a sweep, which sets keys of the spec as an override does."""


@dataclass(frozen=True, slots=True)
class InOverride(Origin):
    """An argument ``key=value`` of the command line or of the Python call."""

    text: str

    def __str__(self) -> str:
        return f"override {self.text}"


@dataclass(frozen=True, slots=True)
class Interpolated(Origin):
    """A value that ``${name}`` put at ``place`` and that ``source`` defined."""

    place: Origin
    name: str
    source: Origin

    @property
    def shown(self) -> Origin:
        """The end that a message names."""
        # An override is what the user typed last and has to change; a file is where it is used.
        return self.source if isinstance(self.source, InOverride | InSweep) else self.place

    def __str__(self) -> str:
        return str(self.shown)


@dataclass(frozen=True, slots=True)
class Default(Origin):
    """Nobody wrote it: the component's own default."""

    def __str__(self) -> str:
        return "default"


@dataclass(frozen=True, slots=True)
class FromData(Origin):
    """The data says it, as the number of classes."""

    def __str__(self) -> str:
        return "data"
