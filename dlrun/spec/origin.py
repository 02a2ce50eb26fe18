"""Where a value of a spec came from, for error messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The base of all kinds; ``str`` returns the text at the start of an error line."""

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class InFile(Origin):
    """A position in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class InSweep(InFile):
    """A position in a sweep, which sets keys of the spec like an override."""


@dataclass(frozen=True, slots=True)
class InOverride(Origin):
    """An argument ``key=value`` of the command line or of the Python call."""

    text: str

    def __str__(self) -> str:
        return f"override {self.text}"


@dataclass(frozen=True, slots=True)
class InMapping(Origin):
    """A value in a mapping that Python passed.

    Attributes:
        word: what the mapping is, ``spec`` or ``sweep``.
        path: dotted, and empty for the whole mapping.
    """

    word: str
    path: str

    def __str__(self) -> str:
        return f"{self.word}: {self.path}" if self.path else self.word


@dataclass(frozen=True, slots=True)
class Interpolated(Origin):
    """A value that was defined at ``source`` and is used at ``place`` as ``${name}``."""

    place: Origin
    name: str
    source: Origin

    @property
    def shown(self) -> Origin:
        """The one of the two that a message names."""
        # An override is what the user typed last and must change; in a file it is the place of use.
        return self.source if isinstance(self.source, InOverride | InSweep) else self.place

    def __str__(self) -> str:
        return str(self.shown)


@dataclass(frozen=True, slots=True)
class Default(Origin):
    """The component's default, for a key that is not in the spec."""

    def __str__(self) -> str:
        return "default"


@dataclass(frozen=True, slots=True)
class FromData(Origin):
    """A fact of the data, such as the number of classes."""

    def __str__(self) -> str:
        return "data"
