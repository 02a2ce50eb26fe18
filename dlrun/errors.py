"""Every exception that dlrun raises on purpose, and the exit code each stands for.

    DlrunError                 1   a fault in dlrun itself
    ├── InputError             2   what the user gave cannot be used
    │   ├── SpecError          2   faults of a spec or of overrides, all of them at once
    │   ├── DataError          2   faults of a data file or of a run directory
    │   │   └── MachineError   2   the machine is in the way: a full disk, no permission
    │   └── ShapeError         2   a layer got an input of a shape that it cannot take
    └── TrainingError          3   training started and failed
        └── DivergedError      3   loss, gradients or weights are no longer finite

Anything else that escapes is a bug and exits with 1 as well.
"""

from __future__ import annotations

import errno
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


class MachineError(DataError):
    """The machine stands in the way, or what is in the place of a file that has to be written.

    A full disk, a quota, a permission, a broken device, a lock, a link: nothing is wrong with spec
    or data, and once that is mended, the same command succeeds.  A study stops at such an error
    and does not count it as the failure of a trial.
    """


_OF_THE_MACHINE = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.ENODEV,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.EMFILE,
        errno.ENFILE,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
"""What the system says where neither a spec nor data is at fault."""


def of_the_machine(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, is the machine's, and not that of spec or data.

    It goes by the types of exceptions and by what the system has answered, never by words.
    """
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, MachineError):
            return True
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            return True
        error = error.__cause__ or error.__context__
    return False


class ShapeError(InputError):
    """A layer, loss or metric got an array of a shape that it cannot take."""


class TrainingError(DlrunError):
    """Training started and could not be finished."""

    exit_code = 3


class DivergedError(TrainingError):
    """Loss, gradients or weights stopped being finite numbers."""
