"""The plan of a training step as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dlrun.cli.display.ruled import print_ruled
from dlrun.cli.display.terminal import Terminal
from dlrun.collection.table import Table
from dlrun.quantities import size

if TYPE_CHECKING:
    from dlrun.inspect.planned import Planned, PlannedArray, PlannedSegment

_TITLES = (
    "segment",
    "node",
    "chunks",
    "pieces",
    "keeps",
    "multiply-adds forward",
    "backward",
    "arrays",
)
_LARGEST = 5
"""Arrays that are listed."""

_WORDS = {
    "value": "values",
    "gradient": "gradients",
    "scratch": "work arrays",
    "partial": "gradients of chunks",
}


def print_plan(terminal: Terminal, plan: Planned) -> None:
    """Print the plan.

    Args:
        terminal: where.
        plan: of a training step.
    """
    rows, shown = list[tuple[str, ...]](), ""
    for segment in plan.segments:
        for number, node in enumerate(segment.nodes):
            part = f"{segment.number}.{node.phase}" if node.phase else str(segment.number)
            rows.append(
                (
                    "" if part == shown else part,
                    node.name,
                    "" if number else _chunks(segment),
                    ", ".join(map(str, node.pieces)),
                    ", ".join(node.keeps),
                    f"{node.forward:,}" if node.forward else "-",
                    f"{node.backward:,}" if node.backward else "-",
                    size(node.bytes),
                )
            )
            shown = part
    nodes = [node for segment in plan.segments for node in segment.nodes]
    total = [sum(each) for each in zip(*((n.forward, n.backward) for n in nodes), strict=True)]
    rows.append(("", "total", "", "", "", *(f"{each:,}" for each in total), size(plan.apart)))
    terminal.line(f"plan of a step of {plan.batch}  threads {plan.threads}")
    terminal.line(f"kernels of {plan.kernels}: {plan.reason}")
    print_ruled(terminal, Table(_TITLES, tuple(rows)), texts=range(5), totals=1)
    for line in _memory(plan):
        terminal.line(line)


def _chunks(segment: PlannedSegment) -> str:
    """``7 x 16 + 1 x 12``: seven chunks of 16 samples and one of 12."""
    return " + ".join(f"{times} x {rows}" for rows, times in Counter(segment.chunks).items())


def _memory(plan: Planned) -> Sequence[str]:
    kinds = Counter[str]()
    for array in plan.arrays:
        kinds[array.what] += array.bytes
    parts = ", ".join(f"{_WORDS[what]} {size(bytes_)}" for what, bytes_ in kinds.most_common())
    largest = sorted(plan.arrays, key=lambda array: -array.bytes)[:_LARGEST]
    return [
        f"memory: {size(plan.memory)}, without sharing {size(plan.apart)}  ({parts})",
        *map(_array, largest),
    ]


def _array(array: PlannedArray) -> str:
    shape = " x ".join(map(str, array.shape))
    shares = f"shares bytes with {array.shares}" if array.shares else "alone"
    return f"  {array.what} of {array.of}  {shape}  {size(array.bytes)}  {shares}"
