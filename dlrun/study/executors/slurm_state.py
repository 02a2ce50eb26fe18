"""States of Slurm jobs."""

from __future__ import annotations

from dataclasses import dataclass

_OVER = (
    *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
    *("PREEMPTED", "REVOKED", "TIMEOUT"),
)
"""States in squeue(1) of a job that has ended; in any other state it can still run."""


UNKNOWN = "unknown to Slurm"
"""The state of a job that Slurm does not list any more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of a job according to Slurm, and the reason for it."""

    state: str
    reason: str

    @property
    def over(self) -> bool:
        """Whether the job has ended."""
        return self.state in _OVER or self.state == UNKNOWN


def because(word: str) -> str:
    """Slurm's reason in brackets, if it gives one."""
    return f" ({word})" if word not in ("", "None") else ""
