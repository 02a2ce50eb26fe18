"""A comparison of two runs on the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import takewhile
from typing import Any

from dlrun.cli.display.terminal import Terminal
from dlrun.quantities import count
from dlrun.run_directory.circumstances import differing_line
from dlrun.run_directory.comparison import Change, Comparison, Parameter
from dlrun.run_directory.json_text import to_json
from dlrun.spec.flow import show

_AROUND = 25
"""Characters that are shown before and after the place where two long texts begin to differ."""

_TABLE = "metrics.csv."
"""Keys of a comparison that are not in result.json."""
_MISSING = "(missing)"


def print_comparison(terminal: Terminal, comparison: Comparison, *, json: bool) -> None:
    """Print a comparison.

    Args:
        terminal: where.
        comparison: of two runs.
        json: whether to print JSON.
    """
    if json:
        terminal.lines(to_json(as_json(comparison), indent=2))
    else:
        for line in as_lines(comparison):
            terminal.line(line)


def as_lines(comparison: Comparison) -> list[str]:
    """One line per difference: the numbers first, then possible causes."""
    return [
        *numbers(comparison),
        *_not_compared(comparison),
        *_changes("spec", comparison.spec),
        *_changes("environment", comparison.environment),
        *([] if comparison.same or comparison.spec else _causes(comparison)),
    ]


def _not_compared(comparison: Comparison) -> list[str]:
    return [
        f"{path}: dlrun clean has deleted its training state, which was not compared"
        for path in comparison.without_state
    ]


def _causes(comparison: Comparison) -> Iterator[str]:
    """Lines on what differs between runs of one spec, or between the processes of one of them."""
    keys = [change.key for change in comparison.environment]
    if any(key == "cpu.model" or key.endswith(".architecture") for key in keys):
        yield (
            "likely cause: the processors differ, and so does the code that libraries choose for "
            "them; with 'numerics: portable' in the spec, results do not depend on the processor"
        )
    if line := differing_line("one of the runs was resumed", comparison.processes):
        yield f"likely cause: {line}"


def numbers(comparison: Comparison) -> list[str]:
    """The differences in what the runs computed, or what was compared if there are none."""
    if comparison.same:
        files = [f"metrics.csv ({count(comparison.epochs, 'epoch')}, without seconds)"]
        for name, tensors in comparison.tensors.items():
            files.append(f"{name}.safetensors ({count(tensors, 'tensor')})")
        return [f"bit-identical: {', '.join(files)}"]
    lines = []
    if comparison.cell is not None:
        cell = comparison.cell
        lines.append(
            f"metrics.csv: the first difference is in epoch {cell.epoch} (steps {cell.after + 1} "
            f"to {cell.step}): {cell.column} {cell.first!r} and {cell.second!r}"
        )
    for name in comparison.tensors:
        differing = [tensor for tensor in comparison.parameters if tensor.checkpoint == name]
        if differing:
            lines.append(_weights(name, differing, comparison.tensors[name]))
    lines += [
        f"{path}: its weights are missing, so they were not compared"
        for path in comparison.without_weights
    ]
    of_table = [each for each in comparison.result if each.key.startswith(_TABLE)]
    rest = [each for each in comparison.result if each not in of_table]
    table = [replace(each, key=each.key.removeprefix(_TABLE)) for each in of_table]
    return [*lines, *_changes("metrics.csv", table), *_changes("result.json", rest)]


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as a JSON object."""
    return {"same": comparison.same, **asdict(comparison)}


def _weights(name: str, differing: Sequence[Parameter], tensors: int) -> str:
    first = differing[0]
    apart = "" if math.isnan(first.largest) else f" by at most {first.largest:.3g}"
    return (
        f"{name}.safetensors: {len(differing)} of {count(tensors, 'tensor')} differ; the first is "
        f"{first.name}: {first.differing:,} of {count(first.size, 'element')}{apart}"
    )


def _changes(place: str, changes: Sequence[Change]) -> list[str]:
    return [f"{place}: {change.key} {' and '.join(_values(change))}" for change in changes]


def _values(change: Change) -> tuple[str, str]:
    first, second = _both(change.first, change.second)
    match change.missing:
        case "first":
            return _MISSING, second
        case "second":
            return first, _MISSING
    return first, second


def _both(first: object, second: object) -> tuple[str, str]:
    """Two values, of which long texts are cut around the place where they begin to differ."""
    shown = show(first), show(second)
    if shown[0] != shown[1] or not (isinstance(first, str) and isinstance(second, str)):
        return shown
    pairs = zip(first, second, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = max(0, same - _AROUND)
    return _part(first, start, same + _AROUND), _part(second, start, same + _AROUND)


def _part(text: str, start: int, stop: int) -> str:
    before, after = "..." if start else "", "..." if stop < len(text) else ""
    return f"{before}{text[start:stop]!r}{after}"
