"""A checked spec on the terminal: its network as a table, its memory, its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlrun.cli.display.plan_table import print_plan
from dlrun.cli.display.ruled import print_ruled
from dlrun.cli.display.terminal import Terminal
from dlrun.collection.table import Table
from dlrun.quantities import size

if TYPE_CHECKING:
    from dlrun.api.check import Checked
    from dlrun.inspect.cost import Price


def print_network(terminal: Terminal, checked: Checked, *, explain: bool) -> None:
    """Print a checked spec.

    Args:
        terminal: where.
        checked: the spec.
        explain: whether to print each value and where it comes from.
    """
    counts = ", ".join(f"{name} {count:,}" for name, count in checked.samples.items())
    terminal.line(f"{checked.name}  samples: {counts}")
    _print_layers(terminal, checked)
    cost = checked.cost
    terminal.sentence(
        f"memory of training in batches of {checked.batch}: {size(cost.memory)}, "
        "in addition to the program itself  "
        f"(activations {size(cost.activations)}, weights and gradients {size(cost.weights)}, "
        f"optimizer {size(cost.optimizer)}, copies of weights {size(cost.copies)}, "
        f"scoring {size(cost.scoring)}, data {size(cost.data)})"
    )
    if checked.lengths is not None:
        lengths = ", ".join(map(str, checked.lengths))
        terminal.line(f"length of batches: {lengths} tokens")
    for note in checked.notes:
        terminal.sentence(note)
    if checked.shortage:
        terminal.sentence(checked.shortage)
    if checked.plan is not None:
        terminal.line("")
        print_plan(terminal, checked.plan)
    if explain:
        terminal.line("")
        for key, value, place in checked.origins:
            terminal.line(f"{key} = {_shown(value)}   # {place}")


def _print_layers(terminal: Terminal, checked: Checked) -> None:
    layers = checked.cost.layers
    reads = _reads(checked.cost)
    rows = [("input", _shape(checked.input), "", "", "")]
    for layer, names in zip(layers, reads, strict=True):
        counts = _count(layer.parameters), _count(layer.multiply_adds)
        rows.append((layer.name, _shape(layer.output), *counts, names))
    parameters = sum(layer.parameters for layer in layers)
    multiply_adds = sum(layer.multiply_adds for layer in layers)
    rows.append(("total", "", _count(parameters), _count(multiply_adds), ""))
    shown = 5 if any(reads) else 4
    header = ("layer", "output", "parameters", "multiply-adds", "reads")[:shown]
    cells = tuple(row[:shown] for row in rows)
    print_ruled(terminal, Table(header, cells), texts=(0, 1, 4), totals=1)


def _reads(cost: Price) -> list[str]:
    """The inputs of each layer; empty if that is just the previous layer."""
    previous = ["input", *(layer.name for layer in cost.layers)]
    return [
        "" if layer.inputs == (before,) else ", ".join(layer.inputs)
        for layer, before in zip(cost.layers, previous, strict=False)
    ]


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "1"


def _count(number: int) -> str:
    return f"{number:,}" if number else "-"


def _shown(value: Any) -> str:
    from dlrun.spec.flow import show

    return value if isinstance(value, str) else show(value)
