"""Where the time of a training goes: a table by layer and direction, and a trace of some steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import get_ident
from typing import Any, Literal, NamedTuple

from dlrun.nn.graph import Node
from dlrun.nn.network import Network
from dlrun.nn.probe import Direction, Each, P, Probe, R
from dlrun.nn.threads import Work, chain

_TRACED_STEPS = 20
"""Steps in the trace, the first of a run left out."""

_MOST_SPANS = 50_000
"""Entries of the trace at most: about 6 MB, which every viewer still opens."""

_now = time.perf_counter_ns


@dataclass(frozen=True, slots=True)
class Row:
    """The time of a part of training.

    Attributes:
        part: a layer by its name in the plan, as ``conv_1``, or another part, as ``optimizer``.
        direction: ``forward`` or ``backward``; empty where it is no layer.
        calls: how often; of a layer in steps, into however many chunks they are cut.
        seconds: wall time.
        share: of the whole time.
        threads: how many were at work on average, of those that the segment had; None where it is
            no layer.
        gflops: 10^9 floating-point operations a second; None where nobody counts them.
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
        """Milliseconds; of a layer for the whole batch."""
        return 1e3 * self.seconds / self.calls


@dataclass(frozen=True, slots=True)
class Profile:
    """A finished measurement.

    Attributes:
        rows: layers in the order of the network, then the other parts; together all of the time.
        steps: how many the rows of layers are of: all but the first, which has a row of its own.
        seconds: wall time of everything.
        threads: how many could work.
        trace: a file for chrome://tracing and https://ui.perfetto.dev, a row a thread.
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


@dataclass(slots=True)
class _Total:
    """Nanoseconds and counts of a place."""

    calls: int = 0
    wall: float = 0.0
    busy: float = 0.0
    operations: int = 0


class _Place(NamedTuple):
    """Bound work: whose it is, which way it goes, and the operations of a call."""

    part: str
    direction: Direction | Literal[""] = ""
    operations: int = 0


class _Span(NamedTuple):
    """Time on a thread: of work as a whole, of a piece of it, or of waiting for the pieces."""

    place: _Place
    kind: Literal["whole", "piece", "wait"]
    thread: int
    start: int
    stop: int


_SETUP = _Place("setup")
"""What comes before the first step and is no part of it."""


class Profiler(Probe):
    """Measures; the time counts from when it is made.

    Work is wrapped while it is bound.  What threads measure goes into one list, which the caller's
    thread empties behind each segment, so nothing is locked and nothing grows with the run.
    """

    def __init__(self) -> None:
        self._began = _now()
        self._steps = 0
        self._totals: dict[_Place, _Total] = {}
        self._spans: list[_Span] = []
        self._current = _Place("")
        self._trace: list[_Span] = []

    def part(self, name: str, work: Callable[P, R]) -> Callable[P, R]:
        """The same work, measured."""
        place = _Place(name)

        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            start = _now()
            try:
                return work(*args, **kwargs)
            finally:
                stop = _now()
                total = self._totals.setdefault(place, _Total())
                total.calls += 1
                total.wall += stop - start
                self._keep(_Span(place, "whole", get_ident(), start, stop))

        return measured

    def segment(self, works: list[Work]) -> list[Work]:
        """The same works; their time goes to nodes by what each of them worked."""
        if not works:
            return works
        work = chain(works)

        def measured() -> None:
            start = _now()
            work()
            self._divide(_now() - start)

        return [measured]

    def node(self, node: Node, direction: Direction, multiply_adds: int, work: Work) -> Work:
        """The same work, measured on its thread."""
        place = _Place(node.name, direction, 2 * multiply_adds)

        def measured() -> None:
            self._current = place  # pieces read it, and only a node that runs alone has any
            start = _now()
            work()
            self._spans.append(_Span(place, "whole", get_ident(), start, _now()))

        return measured

    def pieces(self, each: Each) -> Each:
        """The same cutting; who waits for pieces is not at work meanwhile."""

        def cut(pieces: Sequence[Work]) -> Work:
            return self._measured("wait", each([self._measured("piece", one) for one in pieces]))

        return cut

    def step_ended(self) -> None:
        """Count it; what the first takes, which loads or compiles kernels, is put aside."""
        self._steps += 1
        if self._steps > 1:
            return
        first = _Total(calls=1)
        for place in [each for each in self._totals if each != _SETUP]:
            first.wall += self._totals.pop(place).wall
        self._totals[_Place("first step")] = first
        self._trace.clear()

    def report(self, network: Network) -> Profile:
        """What was measured up to now; layers come in the order of the network."""
        seconds = 1e-9 * (_now() - self._began)
        order = {node.name: number for number, node in enumerate(network.graph.nodes)}

        def rank(place: _Place) -> tuple[float, float]:
            name, _, _ = place.part.partition("+")  # a fused node stands where its first layer does
            if name in order:
                return order[name], place.direction == "backward"
            return math.inf, -self._totals[place].wall

        rows = [self._row(place, seconds) for place in sorted(self._totals, key=rank)]
        rest = seconds - sum(row.seconds for row in rows)
        rows.append(Row("rest", "", 1, rest, rest / seconds))
        steps = max(0, self._steps - 1)
        return Profile(tuple(rows), steps, seconds, network.pool.threads, self._chrome())

    def _measured(self, kind: Literal["piece", "wait"], work: Work) -> Work:
        def measured() -> None:
            start = _now()
            work()
            self._spans.append(_Span(self._current, kind, get_ident(), start, _now()))

        return measured

    def _divide(self, wall: int) -> None:
        """Give a segment's wall time to its nodes, by the time for which each was at work."""
        spans, self._spans = self._spans, []
        totals: dict[_Place, _Total] = {}
        for span in spans:
            total = totals.setdefault(span.place._replace(operations=0), _Total())
            total.busy += (span.stop - span.start) * (-1 if span.kind == "wait" else 1)
            total.operations += span.place.operations if span.kind == "whole" else 0
            if span.kind != "wait":
                self._keep(span)
        busy = sum(total.busy for total in totals.values()) or 1  # a coarse clock says 0
        for place, found in totals.items():
            total = self._totals.setdefault(place, _Total())
            total.calls += 1
            total.wall += wall * found.busy / busy
            total.busy += found.busy
            total.operations += found.operations

    def _keep(self, span: _Span) -> None:
        if self._steps <= _TRACED_STEPS and len(self._trace) < _MOST_SPANS:
            self._trace.append(span)

    def _row(self, place: _Place, seconds: float) -> Row:
        total = self._totals[place]
        return Row(
            place.part,
            place.direction,
            total.calls,
            1e-9 * total.wall,
            1e-9 * total.wall / seconds,
            total.busy / total.wall if total.busy else None,
            total.operations / total.wall if total.operations else None,
        )

    def _chrome(self) -> Mapping[str, Any]:
        """The trace in the form that Chrome's viewer gave its name to; times in microseconds."""
        rows = {get_ident(): 0}
        for span in self._trace:
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
        spans = [
            {
                "name": f"{span.place.part} {span.place.direction}".strip(),
                "cat": span.kind,
                "ph": "X",
                "pid": 1,
                "tid": rows[span.thread],
                "ts": (span.start - self._began) / 1e3,
                "dur": (span.stop - span.start) / 1e3,
            }
            for span in self._trace
        ]
        return {"traceEvents": [*names, *spans], "displayTimeUnit": "ms"}
