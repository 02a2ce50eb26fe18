"""``dlrun check``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.lines import size
from dlrun.cli.plan_table import print_plan
from dlrun.cli.terminal import WIDEST, Terminal

if TYPE_CHECKING:
    from dlrun.training.compile import Compiled
    from dlrun.training.price import Price


def check(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The experiment, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of it with other values."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show where each value comes from.")
    ] = False,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Show how a step will run: in what pieces, in what memory."),
    ] = False,
    allow_plugins: AllowPlugins = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a spec and show its network, layer by layer, and the memory of a step.

    Nothing is trained and nothing written.  Exit codes: 0 the spec is right; 2 it has faults.
    """
    from dlrun.runs.json_text import to_json
    from dlrun.spec.resolved import explain as origins
    from dlrun.training.compile import compile_spec
    from dlrun.training.planned import planned
    from dlrun.training.price import price
    from dlrun.training.room import shortage

    terminal = Terminal()
    allowed = consent(terminal, allow_plugins)
    compiled = compile_spec(spec, overrides or [], allow_plugins=allowed)
    cost = price(compiled)
    places = list(origins(compiled.experiment)) if explain else []
    step = planned(compiled) if plan else None
    if json:
        found = _as_json(compiled, cost, places)
        if step is not None:
            found["plan"] = asdict(step)
        terminal.lines(to_json(found, indent=2))
        return
    _print_layers(terminal, compiled, cost)
    if (buckets := compiled.data.train.buckets) is not None:
        terminal.line(f"batches are cut to {', '.join(map(str, buckets.ends))} tokens")
    for note in compiled.notes:
        terminal.line(note)
    batch = min(compiled.experiment.data.batch_size, len(compiled.data.train))
    if line := shortage(compiled.graph, batch):
        terminal.line(line)
    if step is not None:
        terminal.line("")
        print_plan(terminal, step)
    if explain:
        terminal.line("")
        for path, value, place in places:
            terminal.line(f"{path} = {_shown(value)}   # {place}")


def _print_layers(terminal: Terminal, compiled: Compiled, cost: Price) -> None:
    from rich import box
    from rich.table import Table

    experiment, data = compiled.experiment, compiled.data
    table = Table(box=box.SIMPLE_HEAD, header_style="heading", pad_edge=False)
    table.add_column("layer", no_wrap=True)
    table.add_column("output", no_wrap=True)
    for title in ("parameters", "multiply-adds"):
        table.add_column(title, justify="right", no_wrap=True)
    reads = _jumps(cost)
    if any(reads):
        table.add_column("reads", no_wrap=True)
    table.add_row("input", _shape(compiled.graph.input.shape), "", "")
    for each, names in zip(cost.layers, reads, strict=True):
        numbers = _count(each.parameters), _count(each.multiply_adds)
        table.add_row(each.name, _shape(each.output), *numbers, *([names] if any(reads) else []))
    table.add_section()
    table.add_row(
        "total",
        "",
        _count(sum(each.parameters for each in cost.layers)),
        _count(sum(each.multiply_adds for each in cost.layers)),
    )
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    counts = ", ".join(f"{name} {len(part):,}" for name, part in parts.items() if part is not None)
    terminal.line(f"{experiment.name}  samples: {counts}")
    with terminal.printing():
        # A narrow terminal wraps lines, which is better than numbers that are cut.
        terminal.console.width = WIDEST
        terminal.console.print(table)
    terminal.line(
        f"memory of a step of {min(experiment.data.batch_size, len(data.train))}: "
        f"{size(cost.memory)}  (activations {size(cost.activations)}, "
        f"weights and gradients {size(cost.weights)}, optimizer {size(cost.optimizer)})"
    )


def _jumps(cost: Price) -> list[str]:
    """What each layer reads, where that is not just the one above it."""
    above = ["input", *(each.name for each in cost.layers)]
    return [
        "" if each.inputs == (before,) else ", ".join(each.inputs)
        for each, before in zip(cost.layers, above, strict=False)
    ]


def _as_json(compiled: Compiled, cost: Price, places: list[tuple[str, Any, str]]) -> dict[str, Any]:
    from dlrun.spec.resolved import dump

    found: dict[str, Any] = {
        "spec": dump(compiled.experiment),
        "input": compiled.graph.input.shape,
        "layers": [
            {
                "name": each.name,
                "place": str(each.place),
                "inputs": each.inputs,
                "output": each.output,
                "parameters": each.parameters,
                "multiply_adds": each.multiply_adds,
            }
            for each in cost.layers
        ],
        "memory": {
            "activations": cost.activations,
            "weights": cost.weights,
            "optimizer": cost.optimizer,
        },
        "monitor": compiled.monitor,
        "notes": compiled.notes,
    }
    if places:
        found["origins"] = [
            {"key": path, "value": value, "origin": place} for path, value, place in places
        ]
    return found


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "1"


def _count(number: int) -> str:
    return f"{number:,}" if number else "-"


def _shown(value: Any) -> str:
    from dlrun.spec.nodes import show

    return value if isinstance(value, str) else show(value)
