"""An overview of data on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlrun.cli.display.ruled import print_ruled
from dlrun.cli.display.terminal import Terminal
from dlrun.collection.table import Table
from dlrun.quantities import count

if TYPE_CHECKING:
    from dlrun.data.leaks import Leak
    from dlrun.data.overview import Overview, Values

_LISTED = 40
"""Classes or columns that are listed."""


def print_data(terminal: Terminal, overview: Overview) -> None:
    """Print what is known of the data.

    Args:
        terminal: where.
        overview: of the data.
    """
    samples = sum(part.samples for part in overview.parts.values())
    task = overview.task.replace("_", "-")
    shape = _shape(overview.sample_shape) or "text"
    terminal.sentence(f"{count(samples, 'sample')} of {shape}  {task}")
    _print_parts(terminal, overview)
    _print_values(terminal, overview)
    if overview.constant and overview.places > len(overview.columns):
        terminal.sentence(
            f"{overview.constant:,} of {overview.places:,} elements of a sample never vary"
        )
    for name, part in overview.parts.items():
        if part.repeated:
            inputs = count(part.repeated, "sample")
            terminal.sentence(f"{name}: {inputs} with the same input as an earlier sample")
    for leak in overview.leaks:
        terminal.sentence(_leak(leak))
    if not overview.leaks and len(overview.parts) > 1:
        terminal.sentence("no input occurs in two sets")
    for note in overview.notes:
        terminal.sentence(note)


def _print_parts(terminal: Terminal, overview: Overview) -> None:
    """A row for all samples and one per class, a column per set."""
    header = ["", *overview.parts]
    totals = [part.samples for part in overview.parts.values()]
    rows = [["samples", *(_percent(each, sum(totals)) for each in totals)]]
    first = overview.parts["train"]
    if first.classes is not None:
        for name in list(first.classes)[:_LISTED]:
            counts = [(part.classes or {}).get(name, 0) for part in overview.parts.values()]
            of = [
                part.samples
                if overview.task == "multi_label"
                else sum((part.classes or {}).values())
                for part in overview.parts.values()
            ]
            rows.append([name, *(_percent(n, all_) for n, all_ in zip(counts, of, strict=True))])
    elif first.targets is not None:
        for field in ("low", "mean", "deviation", "high"):
            values = [
                "" if part.targets is None else _number(getattr(part.targets, field))
                for part in overview.parts.values()
            ]
            rows.append([f"target {_WORDS[field]}", *values])
    print_ruled(terminal, Table(tuple(header), tuple(map(tuple, rows))))
    if first.classes is not None and len(first.classes) > _LISTED:
        terminal.sentence(f"... and {len(first.classes) - _LISTED} more classes; --json has all")


_WORDS = {"low": "minimum", "mean": "mean", "deviation": "std", "high": "maximum"}


def _print_values(terminal: Terminal, overview: Overview) -> None:
    header = ["column", "kind", "missing", "distinct", *_WORDS.values(), ""]
    rows = [_row(column) for column in overview.columns[:_LISTED]]
    used = [n for n in range(len(header)) if n < 2 or any(row[n] for row in rows)]
    cells = tuple(tuple(row[n] for n in used) for row in rows)
    print_ruled(terminal, Table(tuple(header[n] for n in used), cells), texts=(0, 1))
    if len(overview.columns) > _LISTED:
        terminal.sentence(f"... and {len(overview.columns) - _LISTED} more columns; --json has all")


def _row(column: Values) -> list[str]:
    kind = "number" if column.categories is None else f"{column.categories:,} categories"
    numbers = [column.low, column.mean, column.deviation, column.high]
    return [
        column.name,
        kind,
        f"{column.missing:,}" if column.missing else "",
        "" if column.distinct is None else f"{column.distinct:,}",
        *("" if column.categories is not None else _number(value) for value in numbers),
        "constant" if column.constant else "",
    ]


def _leak(leak: Leak) -> str:
    samples = count(leak.samples, "sample")
    line = f"leak: {samples} of {leak.part} with an input that is also in {leak.of}"
    if leak.contradicting:
        line += f", {leak.contradicting:,} of them with a different target"
    pairs = ", ".join(f"{first} and {second}" for first, second in leak.pairs)
    more = ", ..." if leak.samples > len(leak.pairs) else ""
    return f"{line}: rows {pairs}{more}"


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _percent(n: int, of: int) -> str:
    return f"{n:,}  {n / of:6.1%}" if of else "0"


def _number(value: float) -> str:
    return f"{value:.4g}"
