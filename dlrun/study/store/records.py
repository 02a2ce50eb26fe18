"""The records of a journal: the fields of each kind."""

from __future__ import annotations

from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,  # which pydantic needs before Python 3.12
)

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from dlrun.intervals import Scale
from dlrun.search.suggestion import Suggestion
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.job import JobOutcome
from dlrun.study.store.prior_trials import PriorTrials

VERSION = 1
"""Version of the format without generations, which earlier versions of dlrun can read, too."""
VERSIONS = (VERSION, 2)
"""All that can be read; the last one has generations. A journal with another one is refused."""

CHOSEN = frozenset({"suggestions", "identity", "earlier"})
"""Keys of records that hold values of a space, which may be infinite or NaN."""


_Count = Annotated[int, Field(ge=0, le=10**9)]


class _Study(TypedDict):
    event: Literal["study"]
    version: Literal[1, 2]
    identity: dict[str, Any]
    asked: bool
    folder: str
    earlier: NotRequired[PriorTrials]
    scales: NotRequired[dict[str, Scale]]


class _Scales(TypedDict):
    event: Literal["scales"]
    scales: dict[str, Scale]


class _Places(TypedDict):
    event: Literal["places"]
    places: dict[str, str]


class _Widened(TypedDict):
    event: Literal["widened"]
    identity: dict[str, Any]


class _Skipped(TypedDict):
    trial: _Count
    reason: str


class _Sampler(TypedDict):
    event: Literal["sampler"]
    identity: dict[str, Any]
    kept: _Count
    said: str


class _Batch(TypedDict):
    event: Literal["batch"]
    suggestions: list[Suggestion]
    skipped: NotRequired[list[_Skipped]]


class _OfJob(TypedDict):
    trial: _Count
    repeat: _Count
    epochs: _Count


class _Started(_OfJob):
    event: Literal["started"]
    directory: str


class _Ended(_OfJob):
    event: Literal["ended"]
    outcome: JobOutcome


class _Crashed(_OfJob):
    event: Literal["crashed"]
    reason: str


class _Interrupted(_OfJob):
    event: Literal["interrupted"]


class _Pruned(TypedDict):
    event: Literal["pruned"]
    trials: list[_Count]
    epochs: _Count


class _Eliminated(TypedDict):
    event: Literal["eliminated"]
    trials: list[_Count]
    repeats: _Count


class _Promoted(TypedDict):
    event: Literal["promoted"]
    trial: _Count
    epochs: _Count


class _Time(TypedDict):
    event: Literal["time"]
    seconds: Annotated[float, Field(ge=0.0)]


class _Concluded(TypedDict):
    event: Literal["concluded"]
    conclusion: Conclusion | None


class _Turn(TypedDict):
    event: Literal["turn"]
    trials: list[_Count]
    epochs: list[_Count]


class _Fork(TypedDict):
    trial: _Count
    parent: _Count
    directories: list[str]


class _Circumstances(TypedDict):
    event: Literal["circumstances"]
    of: dict[str, str]


class _Generation(TypedDict):
    event: Literal["generation"]
    epochs: Annotated[int, Field(ge=1, le=10**9)]
    replaced: list[_Count]
    suggestions: Annotated[list[Suggestion], Field(min_length=1)]
    forks: list[_Fork]


class _Enqueued(TypedDict):
    event: Literal["enqueued"]
    suggestions: Annotated[list[Suggestion], Field(min_length=1, max_length=1)]


class _Infeasible(TypedDict):
    event: Literal["infeasible"]
    trial: _Count
    reason: str


class _Rerun(TypedDict):
    event: Literal["rerun"]
    trial: _Count


class _Forgotten(TypedDict):
    event: Literal["forgotten"]
    trials: list[_Count]


class _Remembered(TypedDict):
    event: Literal["remembered"]
    trials: list[_Count]


class _Looked(TypedDict):
    event: Literal["looked"]
    repeats: _Count
    held: list[str]
    futile: list[str]
    open: list[str]


Record = Annotated[
    _Study
    | _Scales
    | _Places
    | _Widened
    | _Batch
    | _Started
    | _Ended
    | _Crashed
    | _Interrupted
    | _Pruned
    | _Eliminated
    | _Looked
    | _Promoted
    | _Time
    | _Concluded
    | _Turn
    | _Generation
    | _Circumstances
    | _Enqueued
    | _Sampler
    | _Infeasible
    | _Rerun
    | _Forgotten
    | _Remembered,
    Field(discriminator="event"),
]

RECORD: TypeAdapter[Any] = TypeAdapter(Record)
"""Validates a record."""
