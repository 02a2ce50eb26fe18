"""``dlrun data``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.lines import count
from dlrun.cli.terminal import WIDEST, Terminal
from dlrun.printable import printable

if TYPE_CHECKING:
    from dlrun.data.overview import Leak, Overview, Values

_MOST = 40
"""Classes or columns that are listed."""


def data(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The experiment, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of it with other values."),
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Draw the first training images of each class, a PNG file.")
    ] = None,
    columns: Annotated[int, typer.Option(min=1, help="Images in a row of the sheet.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a spec's data as its source gives it: parts, classes, ranges, gaps, repeats and leaks.

    A leak is a sample whose input is also in another part: its score says nothing.  Nothing is
    trained.  Exit codes: 0 done; 2 a fault of the section data, the data or the picture's path.
    """
    from dlrun.data.overview import overview
    from dlrun.errors import DataError, InputError
    from dlrun.runs.json_text import to_json
    from dlrun.training.overview import parts_of, shown_samples

    terminal = Terminal()
    parts = parts_of(spec, overrides or [])
    found = overview(parts)
    if sheet is not None and len(found.sample_shape) != 3:
        shown = _shape(found.sample_shape)
        raise InputError(f"{spec}: --sheet draws images, and samples are {shown}; leave it out")
    if json:
        terminal.lines(to_json(asdict(found), indent=2))
    else:
        _print(terminal, found)
    if sheet is not None:
        from dlrun.report.sample_sheet import sample_sheet

        try:
            sample_sheet(shown_samples(parts, columns)).save(sheet, "PNG")
        except OSError as fault:
            raise DataError(f"{sheet}: cannot be written: {fault.strerror}") from fault


def _print(terminal: Terminal, found: Overview) -> None:
    samples = sum(part.samples for part in found.parts.values())
    task = found.task.replace("_", "-")
    shape = _shape(found.sample_shape) or "text"
    terminal.line(f"{count(samples, 'sample')} of {shape}  {task}")
    _print_parts(terminal, found)
    _print_values(terminal, found)
    if found.constant and found.places > len(found.columns):
        terminal.line(f"{found.constant:,} of {found.places:,} places of a sample never vary")
    for name, part in found.parts.items():
        if part.repeated:
            inputs = count(part.repeated, "sample")
            terminal.line(f"{name}: {inputs} with the input of an earlier one")
    for leak in found.leaks:
        terminal.line(_leak(leak))
    if not found.leaks and len(found.parts) > 1:
        terminal.line("no input is in two parts")
    for note in found.notes:
        terminal.line(note)


def _print_parts(terminal: Terminal, found: Overview) -> None:
    """A row for all samples and one for each class, a column for each part."""
    header = ["", *found.parts]
    totals = [part.samples for part in found.parts.values()]
    rows = [["samples", *(_share(each, sum(totals)) for each in totals)]]
    first = found.parts["train"]
    if first.classes is not None:
        for name in list(first.classes)[:_MOST]:
            counts = [(part.classes or {})[name] for part in found.parts.values()]
            of = [
                part.samples if found.task == "multi_label" else sum((part.classes or {}).values())
                for part in found.parts.values()
            ]
            rows.append([name, *(_share(n, all_) for n, all_ in zip(counts, of, strict=True))])
    else:
        for field in ("low", "mean", "deviation", "high"):
            values = (getattr(part.targets, field) for part in found.parts.values())
            rows.append([f"target {_WORDS[field]}", *map(_number, values)])
    _table(terminal, header, rows)
    if first.classes is not None and len(first.classes) > _MOST:
        terminal.line(f"... and {len(first.classes) - _MOST} more classes; --json has all")


_WORDS = {"low": "least", "mean": "mean", "deviation": "deviation", "high": "greatest"}


def _print_values(terminal: Terminal, found: Overview) -> None:
    header = ["column", "kind", "missing", "different", *_WORDS.values(), ""]
    rows = [_row(each) for each in found.columns[:_MOST]]
    used = [n for n in range(len(header)) if n < 2 or any(row[n] for row in rows)]
    _table(terminal, [header[n] for n in used], [[row[n] for n in used] for row in rows], left=2)
    if len(found.columns) > _MOST:
        terminal.line(f"... and {len(found.columns) - _MOST} more columns; --json has all")


def _row(each: Values) -> list[str]:
    kind = "number"
    if each.categories is not None:
        kind = f"{each.categories:,} categories"
    numbers = [each.low, each.mean, each.deviation, each.high]
    return [
        each.name,
        kind,
        f"{each.missing:,}" if each.missing else "",
        "" if each.distinct is None else f"{each.distinct:,}",
        *("" if each.categories is not None else _number(value) for value in numbers),
        "constant" if each.constant else "",
    ]


def _table(terminal: Terminal, header: list[str], rows: list[list[str]], left: int = 1) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="heading", pad_edge=False)
    for number, title in enumerate(header):
        table.add_column(title, justify="left" if number < left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    with terminal.printing():
        # A narrow terminal wraps lines, which is better than numbers that are cut.
        terminal.console.width = WIDEST
        terminal.console.print(table)


def _leak(leak: Leak) -> str:
    said = f"leak: {count(leak.samples, 'sample')} of {leak.part} with an input of {leak.of}"
    if leak.contradicting:
        said += f", {leak.contradicting:,} of them with another target"
    pairs = ", ".join(f"{first} and {second}" for first, second in leak.pairs)
    more = ", ..." if leak.samples > len(leak.pairs) else ""
    return f"{said}: rows {pairs}{more}"


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _share(n: int, of: int) -> str:
    return f"{n:,}  {n / of:6.1%}" if of else "0"


def _number(value: float) -> str:
    return f"{value:.4g}"
