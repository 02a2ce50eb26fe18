"""The plan of a training step as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dlrun.cli.display.terminal import WIDEST, Terminal
from dlrun.quantities import size

if TYPE_CHECKING:
    from dlrun.inspect.planned import Planned, PlannedArray, PlannedSegment

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
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="heading", pad_edge=False)
    for title in ("segment", "node", "chunks", "pieces", "keeps"):
        table.add_column(title, no_wrap=True)
    for title in ("multiply-adds forward", "backward", "arrays"):
        table.add_column(title, justify="right", no_wrap=True)
    for segment in plan.segments:
        shown = ""
        for number, node in enumerate(segment.nodes):
            part = f"{segment.number}.{node.phase}" if node.phase else str(segment.number)
            table.add_row(
                "" if part == shown else part,
                node.name,
                "" if number else _chunks(segment),
                ", ".join(map(str, node.pieces)),
                ", ".join(node.keeps),
                f"{node.forward:,}" if node.forward else "-",
                f"{node.backward:,}" if node.backward else "-",
                size(node.bytes),
            )
            shown = part
    table.add_section()
    nodes = [node for segment in plan.segments for node in segment.nodes]
    total = [sum(each) for each in zip(*((n.forward, n.backward) for n in nodes), strict=True)]
    table.add_row("", "total", "", "", "", *(f"{each:,}" for each in total), size(plan.apart))
    terminal.line(f"plan of a step of {plan.batch}  threads {plan.threads}")
    terminal.line(f"kernels of {plan.kernels}: {plan.reason}")
    with terminal.printing():
        terminal.console.width = WIDEST
        terminal.console.print(table)
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
