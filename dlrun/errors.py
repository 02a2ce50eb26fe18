"""All exceptions that dlrun raises deliberately, with their exit codes.

    DlrunError                 1   an error in dlrun itself
    ├── InputError             2   invalid input of the user
    │   ├── SpecError          2   errors of a spec or of overrides, all of them at once
    │   ├── DataError          2   an error of a data file or a run directory
    │   │   └── MachineError   2   an error of the machine: a full disk, no permission
    │   │       └── NotPinnedError 2   libraries of this process compute with other code than asked
    │   └── ShapeError         2   an input whose shape a layer does not accept
    └── TrainingError          3   training started and failed
        └── DivergedError      3   loss, gradients or weights became NaN or infinite

Any other exception is a bug and also exits with 1.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence


class DlrunError(Exception):
    """The base class of all deliberate errors of dlrun."""

    exit_code = 1

    def lines(self) -> Sequence[str]:
        """The message to print, one line per error."""
        return (str(self),)


class InputError(DlrunError):
    """The input of the user (a spec, data, arguments) is invalid."""

    exit_code = 2


class SpecError(InputError):
    """A spec has errors; ``errors`` contains one complete line for each."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)

    @property
    def faults(self) -> tuple[str, ...]:
        """The former name of ``errors``, for programs that use it."""
        return self.errors

    def lines(self) -> Sequence[str]:
        """One line per error, each with its place."""
        return self.errors


class DataError(InputError):
    """A data file or run directory is missing, broken, in a wrong format or cannot be written.

    Args:
        message: what is wrong, where, and what to do.
        place: the place in the spec that causes the error; None if it is where the data is used.
    """

    def __init__(self, message: str, place: object = None) -> None:
        super().__init__(message)
        self.place = place


class MachineError(DataError):
    """An error of the machine, or something that occupies the path of a file to be written.

    A full disk, a quota, a permission, a broken device, a lock, a link: spec and data are fine, and
    once the cause is fixed, the same command succeeds.  A study stops at such an error
    and does not count it as the failure of a trial.
    """


class NotPinnedError(MachineError):
    """A spec asks for portable numerics, and this process was started without.

    A process with another environment has them; see ``dlrun.portable``.
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
"""Error numbers of the system that neither a spec nor data can cause."""


def of_the_machine(error: BaseException | None) -> bool:
    """Whether the machine, and not spec or data, caused an error or an error that led to it.

    Decided by the types of exceptions and the error numbers of the system, never by messages.
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
    """A layer, loss or metric got an array whose shape it does not accept."""


class TrainingError(DlrunError):
    """Training started and failed."""

    exit_code = 3


class DivergedError(TrainingError):
    """Loss, gradients or weights became NaN or infinite."""
