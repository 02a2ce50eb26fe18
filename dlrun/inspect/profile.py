"""Profile of a training: a table by layer and direction, and a trace of some steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dlrun.nn.engine.probe import Direction


@dataclass(frozen=True, slots=True)
class Row:
    """The time of a part of training.

    Attributes:
        part: name of a layer in the plan, such as ``conv_1``, or another part, such as
            ``optimizer``.
        direction: ``forward`` or ``backward``; empty unless the part is a layer.
        calls: number of calls; for a layer, number of steps.
        seconds: wall time.
        share: fraction of the whole time.
        threads: average number of busy threads; None unless the part is a layer.
        gflops: 10^9 floating-point operations per second; None if they are not counted.
    """

    part: str
    direction: Direction | Literal[""]
    calls: int
    seconds: float
    share: float
    threads: float | None = None
    gflops: float | None = None

    @property
    def ms_per_call(self) -> float:
        """Milliseconds per call; for a layer, per batch."""
        return 1e3 * self.seconds / self.calls


@dataclass(frozen=True, slots=True)
class Profile:
    """A finished measurement.

    Attributes:
        rows: layers in the order of the network, then other parts; they add up to the whole time.
        steps: number of measured steps: all except the first, which has its own row.
        seconds: wall time of everything.
        threads: maximum number of threads.
        trace: content of a file for chrome://tracing and https://ui.perfetto.dev, one row per
            thread.
    """

    rows: tuple[Row, ...]
    steps: int
    seconds: float
    threads: int
    trace: Mapping[str, Any]

    def table(self) -> list[dict[str, object]]:
        """The rows as plain data."""
        return [
            {
                "part": row.part,
                "direction": row.direction,
                "calls": row.calls,
                "seconds": row.seconds,
                "share": row.share,
                "ms_per_call": row.ms_per_call,
                "threads": row.threads,
                "gflops": row.gflops,
            }
            for row in self.rows
        ]
