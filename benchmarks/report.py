"""Tables on the screen, and everything behind them as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Settings

RESULTS = Path(__file__).parent / "results"


@dataclass(slots=True)
class Report:
    """What a benchmark found.

    Attributes:
        name: as ``train/mlp-small``.
        columns: heads of the table.
        rows: cells as text.
        notes: lines under the table.
        faults: why the numbers are not to be trusted; a run with any exits with 1.
        data: all numbers, for JSON.
    """

    name: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    data: list[Mapping[str, Any]] = field(default_factory=list)


def show(report: Report) -> None:
    """Print a table with what is to be said about it."""
    table = Table(title=report.name, title_justify="left")
    for number, column in enumerate(report.columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in report.rows:
        table.add_row(*row)
    # As wide as it wants to be where nobody looks: in a file, lines are not to be broken.
    console = Console(width=None if os.isatty(1) else 200, highlight=False, markup=False)
    console.print(table)
    for note in report.notes:
        console.print(f"  {note}")
    for fault in report.faults:
        console.print(f"  FAULT: {fault}", style="bold red")


def save(path: Path, reports: Sequence[Report], settings: Settings) -> None:
    """Write all reports so far, so that nothing is lost when a later benchmark breaks."""
    content = {
        "machine": machine(),
        "rounds": settings.rounds,
        "seconds_a_turn": settings.seconds,
        "benchmarks": [
            {"name": report.name, "faults": report.faults, "results": report.data}
            for report in reports
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    cpu = "unknown"
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    except OSError:
        cpu = platform.processor()
    packages = {}
    for name in (
        "dlrun",
        "numpy",
        "numba",
        "torch",
        "jax",
        "scikit-learn",
        "scikit-optimize",
        "optuna",
    ):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "not installed"
    return {
        "cpu": cpu,
        "processors": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": packages,
        "measured": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def duration(seconds: float) -> str:
    """Three digits with the unit that suits: us, ms or s."""
    for unit, factor in (("us", 1e6), ("ms", 1e3)):
        if seconds * factor < 999.5:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def spread(values: Sequence[float]) -> str:
    """Least and greatest of durations."""
    return f"{duration(min(values))} - {duration(max(values))}"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Median, least and greatest of the ratios round by round; below 1 ours is faster."""
    each = [a / b for a, b in zip(ours, theirs, strict=True)]
    return statistics.median(each), min(each), max(each)
