"""A comparison of two runs in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer

from dlrun.cli.lines import count
from dlrun.cli.terminal import Terminal
from dlrun.runs.compare import Change, Comparison, Parameter
from dlrun.runs.json_text import to_json
from dlrun.spec.nodes import show

DIFFERENT = 4
"""The exit code of runs that are not the same: what was claimed of them does not hold."""


def report(terminal: Terminal, found: Comparison, *, json: bool) -> None:
    """Print a comparison; raises Exit where something differs."""
    if json:
        terminal.lines(to_json(as_json(found), indent=2))
    else:
        for line in as_lines(found):
            terminal.line(line)
    if not found.same:
        raise typer.Exit(DIFFERENT)


def as_lines(found: Comparison) -> list[str]:
    """What differs, a line each: the numbers first, then what they may come from."""
    return [
        *numbers(found),
        *_changes("spec", found.spec),
        *_changes("environment", found.environment),
    ]


def numbers(found: Comparison) -> list[str]:
    """What differs of what the runs computed, or all that is the same."""
    if found.same:
        files = [f"metrics.csv ({count(found.epochs, 'epoch')}, without seconds)"]
        for name, tensors in found.tensors.items():
            files.append(f"{name}.safetensors ({count(tensors, 'tensor')})")
        return [f"the same bits: {', '.join(files)}"]
    lines = []
    if found.cell is not None:
        cell = found.cell
        lines.append(
            f"metrics.csv: epoch {cell.epoch}, of steps {cell.after + 1} to {cell.step}, is the "
            f"first that differs: {cell.column} {cell.first!r} and {cell.second!r}"
        )
    for name in found.tensors:
        differing = [each for each in found.parameters if each.checkpoint == name]
        if differing:
            lines.append(_weights(name, differing, found.tensors[name]))
    return [*lines, *_changes("result.json", found.result)]


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison as a JSON object."""
    return {"same": found.same, **asdict(found)}


def _weights(name: str, differing: Sequence[Parameter], tensors: int) -> str:
    first = differing[0]
    apart = "" if math.isnan(first.largest) else f" by at most {first.largest:.3g}"
    return (
        f"{name}.safetensors: {len(differing)} of {count(tensors, 'tensor')} differ, the first is "
        f"{first.name}: {first.differing:,} of {count(first.size, 'number')}{apart}"
    )


def _changes(what: str, changes: Sequence[Change]) -> list[str]:
    return [f"{what}: {each.key} {show(each.first)} and {show(each.second)}" for each in changes]
