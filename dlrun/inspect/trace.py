"""A trace of some steps: spans of time on threads, as a file for Chrome's viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import get_ident
from typing import Any, Literal, NamedTuple

from dlrun.nn.engine.probe import Direction


class Place(NamedTuple):
    """The part and direction of bound work, and its operations per call."""

    part: str
    direction: Direction | Literal[""] = ""
    operations: int = 0


class Span(NamedTuple):
    """Time on a thread: whole work, a piece of it, or waiting for pieces."""

    place: Place
    kind: Literal["whole", "piece", "wait"]
    thread: int
    start: int
    stop: int


def chrome_trace(spans: Sequence[Span], began: int) -> Mapping[str, Any]:
    """Spans in Chrome's trace event format; times in microseconds.

    Args:
        spans: in any order.
        began: the start of the measurement, in nanoseconds.
    """
    rows = {get_ident(): 0}
    for span in spans:
        rows.setdefault(span.thread, len(rows))
    names = [
        {
            "name": "thread_name",
            "ph": "M",
            "pid": 1,
            "tid": row,
            "args": {"name": f"thread {row}" if row else "main thread"},
        }
        for row in rows.values()
    ]
    entries = [
        {
            "name": f"{span.place.part} {span.place.direction}".strip(),
            "cat": span.kind,
            "ph": "X",
            "pid": 1,
            "tid": rows[span.thread],
            "ts": (span.start - began) / 1e3,
            "dur": (span.stop - span.start) / 1e3,
        }
        for span in spans
    ]
    return {"traceEvents": [*names, *entries], "displayTimeUnit": "ms"}
