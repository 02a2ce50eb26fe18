"""The trials that a study took from prior studies when it began.

They are kept in its journal, so that it does not read the prior studies again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import with_config

from dlrun.search.suggestion import Suggestion


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class KnownTrial:
    """A trial of a prior study that is reused in this study.

    Attributes:
        suggestion: its values, in this study's space.
        point: one value per objective, lower is better; None if it failed.  For a pruned trial
            they are the values that it is expected to have reached.
        epochs: after which it was pruned; 0 if it was completed or failed.
    """

    suggestion: Suggestion
    point: list[float] | None
    epochs: int = 0


@with_config(extra="forbid")
@dataclass(frozen=True, slots=True)
class PriorTrials:
    """What a study took from all its prior studies.

    Attributes:
        known: trials that the sampler learns from; it does not repeat those that were not pruned.
        first: suggestions that are evaluated before those of the sampler.
        said: lines about the prior studies, for the user.
    """

    known: Sequence[KnownTrial] = ()
    first: Sequence[Suggestion] = ()
    said: Sequence[str] = ()
