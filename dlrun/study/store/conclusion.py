"""Why a study ended before all trials of its search."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import with_config


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Conclusion:
    """The limit or rule that ended a study.

    Attributes:
        by: its key in the sweep, such as ``budget.epochs``.
        reason: what was reached, as a phrase without measured times.
    """

    by: str
    reason: str

    @property
    def sentence(self) -> str:
        """Key and reason on a line."""
        return f"{self.by}: {self.reason}"
