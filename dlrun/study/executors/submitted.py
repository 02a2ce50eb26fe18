"""Tasks that were submitted to dask, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlrun.study.executors.base import Crashed, Lost
from dlrun.study.executors.protocol import Ended, Failed, decoded
from dlrun.study.executors.remote import End

if TYPE_CHECKING:
    from distributed import Future

Ending = Ended | Failed | Crashed | Lost


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


def ending(end: End) -> Ending:
    """How a task ended, from what it returned."""
    kind, text = end
    match kind:
        case "crashed" | "not begun":
            return Crashed(text, begun=kind == "crashed")
        case "lost":
            return Lost(text)
    message = decoded(text)
    assert isinstance(message, Ended | Failed)
    return message
