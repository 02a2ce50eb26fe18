"""The exit codes of all commands, with their meaning."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended.

    Attributes:
        meaning: a phrase for the help; a command may have one that is more precise.
    """

    meaning: str

    def __new__(cls, code: int, meaning: str) -> ExitCode:
        """A code with its meaning."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    DONE = 0, "done"
    INTERNAL_ERROR = 1, "a bug in dlrun; --debug shows where"
    INPUT_ERROR = 2, "error in the spec, the data, a file or an option"
    TRAINING_FAILED = 3, "the training diverged: NaN or infinite values"
    NOT_CONFIRMED = 4, "what was compared differs"
    EXHAUSTED = 5, "the study has no more runs to suggest"
    STOPPED = 75, "stopped by a signal or max_time, state saved; can be resumed"
    INTERRUPTED = 130, "interrupted with Ctrl-C"


def ended_by(signal: int) -> int:
    """The code of a command that a signal ended: 128 plus its number."""
    return 128 + signal
