"""The measurement of a training's profile, from its creation on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import get_ident
from typing import Literal

from dlrun.inspect.profile import Profile, Row
from dlrun.inspect.trace import Place, Span, chrome_trace
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.probe import Direction, Each, Probe
from dlrun.nn.graph.builder import Node
from dlrun.nn.parallel.threads import Work, chain

_TRACED_STEPS = 20
"""Steps in the trace, without the first of a run."""


_MOST_SPANS = 50_000
"""Maximum number of entries in the trace: about 6 MB, which every viewer can open."""


_now = time.perf_counter_ns


@dataclass(slots=True)
class _Total:
    """Nanoseconds and counts of one part and direction."""

    calls: int = 0
    wall: float = 0.0
    busy: float = 0.0
    operations: int = 0


_SETUP = Place("setup")
"""Everything before the first step."""


class Profiler(Probe):
    """Measures times, from its creation on.

    Work is wrapped when it is bound.  All threads append their times to one list, which the calling
    thread empties after each segment; so no lock is needed and nothing grows with the run.
    """

    def __init__(self) -> None:
        self._began = _now()
        self._steps = 0
        self._totals: dict[Place, _Total] = {}
        self._spans: list[Span] = []
        self._current = Place("")
        self._trace: list[Span] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure the time of the block."""
        place = Place(name)
        start = _now()
        try:
            yield
        finally:
            stop = _now()
            total = self._totals.setdefault(place, _Total())
            total.calls += 1
            total.wall += stop - start
            self._keep(Span(place, "whole", get_ident(), start, stop))

    def loss(self, work: Callable[[], float]) -> Callable[[], float]:
        """The same work, measured."""

        def measured() -> float:
            with self.part("loss"):
                return work()

        return measured

    def segment(self, works: list[Work]) -> list[Work]:
        """The same works; their time is divided among nodes by busy time."""
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
        place = Place(node.name, direction, 2 * multiply_adds)

        def measured() -> None:
            self._current = place  # read by pieces; only a node that runs alone has pieces
            start = _now()
            work()
            self._spans.append(Span(place, "whole", get_ident(), start, _now()))

        return measured

    def pieces(self, each: Each) -> Each:
        """The same split; waiting for pieces does not count as busy."""

        def cut(pieces: Sequence[Work]) -> Work:
            return self._measured("wait", each([self._measured("piece", one) for one in pieces]))

        return cut

    def step_ended(self) -> None:
        """Count a step; the time of the first, which loads or compiles kernels, is kept apart."""
        self._steps += 1
        if self._steps > 1:
            return
        first = _Total(calls=1)
        for place in [each for each in self._totals if each != _SETUP]:
            first.wall += self._totals.pop(place).wall
        self._totals[Place("first step")] = first
        self._trace.clear()

    def report(self, network: Network) -> Profile:
        """The measurements so far, with layers in the order of the network."""
        seconds = 1e-9 * (_now() - self._began)
        order = {node.name: number for number, node in enumerate(network.graph.nodes)}

        def rank(place: Place) -> tuple[float, float]:
            name, _, _ = place.part.partition("+")  # a fused node is sorted by its first layer
            if name in order:
                return order[name], place.direction == "backward"
            return math.inf, -self._totals[place].wall

        rows = [self._row(place, seconds) for place in sorted(self._totals, key=rank)]
        rest = seconds - sum(row.seconds for row in rows)
        rows.append(Row("rest", "", 1, rest, rest / seconds))
        steps = max(0, self._steps - 1)
        return Profile(
            tuple(rows),
            steps,
            seconds,
            network.pool.threads,
            chrome_trace(self._trace, self._began),
        )

    def _measured(self, kind: Literal["piece", "wait"], work: Work) -> Work:
        def measured() -> None:
            start = _now()
            work()
            self._spans.append(Span(self._current, kind, get_ident(), start, _now()))

        return measured

    def _divide(self, wall: int) -> None:
        """Divide a segment's wall time among its nodes, in proportion to their busy time."""
        spans, self._spans = self._spans, []
        totals: dict[Place, _Total] = {}
        for span in spans:
            total = totals.setdefault(span.place._replace(operations=0), _Total())
            total.busy += (span.stop - span.start) * (-1 if span.kind == "wait" else 1)
            total.operations += span.place.operations if span.kind == "whole" else 0
            if span.kind != "wait":
                self._keep(span)
        busy = sum(total.busy for total in totals.values()) or 1  # a coarse clock may measure 0
        for place, measured in totals.items():
            total = self._totals.setdefault(place, _Total())
            total.calls += 1
            total.wall += wall * measured.busy / busy
            total.busy += measured.busy
            total.operations += measured.operations

    def _keep(self, span: Span) -> None:
        if self._steps <= _TRACED_STEPS and len(self._trace) < _MOST_SPANS:
            self._trace.append(span)

    def _row(self, place: Place, seconds: float) -> Row:
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
