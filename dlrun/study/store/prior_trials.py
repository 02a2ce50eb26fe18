"""What a study took from earlier ones when it began; it has no need of them any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import with_config

from dlrun.search.suggestion import Suggestion


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Known:
    """A trial of an earlier study that counts as one of this study.

    Attributes:
        suggestion: its values, in this study's space.
        point: a value an objective, less is better; None where it failed.  Of a trial that was
            pruned it is what it is expected to have come to.
        epochs: after which it was pruned; 0 where it was trained to its end, or failed.
    """

    suggestion: Suggestion
    point: list[float] | None
    epochs: int = 0


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class Earlier:
    """What was taken.

    Attributes:
        known: trials that the search learns from; those that were not pruned it does not try
            again.
        first: suggestions that are tried before the search is asked.
        said: a line a study, for the user.
    """

    known: Sequence[Known] = ()
    first: Sequence[Suggestion] = ()
    said: Sequence[str] = ()
