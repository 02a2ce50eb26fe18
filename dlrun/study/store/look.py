"""A look at the claims of a study before all of its seeds are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Look:
    """What a study knew of its claims after a number of seeds.

    Attributes:
        repeats: number of seeds that all trials had.
        held: claims that hold.
        futile: claims that do not, and that further seeds would hardly show.
        open: claims that further seeds may show; without any, the study ends.
    """

    repeats: int
    held: Sequence[str]
    futile: Sequence[str]
    open: Sequence[str]

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """The look of a record of the journal."""
        return cls(**{each.name: record[each.name] for each in fields(cls)})
