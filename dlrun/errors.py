"""Every exception that dlrun raises on purpose, and the exit code each stands for.

    DlrunError                 1   a fault in dlrun itself
    ├── InputError             2   what the user gave cannot be used
    │   ├── SpecError          2   faults of a spec or of overrides, all of them at once
    │   ├── DataError          2   faults of a data file or of a run directory
    │   └── ShapeError         2   a layer got an input of a shape that it cannot take
    └── TrainingError          3   training started and failed
        └── DivergedError      3   loss, gradients or weights are no longer finite

Anything else that escapes is a bug and exits with 1 as well.
"""

from __future__ import annotations

from collections.abc import Sequence


class DlrunError(Exception):
    """The root: catch it to catch every deliberate error of dlrun."""

    exit_code = 1

    def lines(self) -> Sequence[str]:
        """The message as it is shown, one line a fault."""
        return (str(self),)


class InputError(DlrunError):
    """What the user gave (a spec, data, arguments) cannot be used as it is."""

    exit_code = 2


class SpecError(InputError):
    """A spec has faults; ``faults`` holds one finished line for each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)

    def lines(self) -> Sequence[str]:
        """One line a fault, each with its place."""
        return self.faults


class DataError(InputError):
    """A data file or run directory is missing, broken, of the wrong form or cannot be written.

    Args:
        message: what is wrong, where, and what to do.
        place: of the spec, where it is to be blamed on one; None is on whoever asked for the data.
    """

    def __init__(self, message: str, place: object = None) -> None:
        super().__init__(message)
        self.place = place


class ShapeError(InputError):
    """A layer, loss or metric got an array of a shape that it cannot take."""


class TrainingError(DlrunError):
    """Training started and could not be finished."""

    exit_code = 3


class DivergedError(TrainingError):
    """Loss, gradients or weights stopped being finite numbers."""
