"""Tasks that were submitted to dask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlrun.study.executors.remote import End

if TYPE_CHECKING:
    from distributed import Future


@dataclass(slots=True)
class Submitted:
    """A task that was submitted to dask.

    Attributes:
        future: of its end.
        begun: whether a worker has started it.
        end: how it ended, once that is known.
    """

    future: Future
    begun: bool = False
    end: End | None = None
