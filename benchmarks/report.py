"""Tables on the screen, and all their data as JSON."""

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
from threadpoolctl import threadpool_info

from benchmarks.measure import Settings

RESULTS = Path(__file__).parent / "results"

_LIMITING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_CBWR", "NUMBA_CPU_NAME")
"""Variables that make libraries use fewer of the processor's instructions than they would."""


@dataclass(slots=True)
class Report:
    """The results of a benchmark.

    Attributes:
        name: such as ``train/mlp-small``.
        columns: heads of the table.
        rows: cells as text.
        notes: lines under the table.
        faults: reasons not to trust the numbers; with any of them, a run exits with 1.
        data: all numbers, for JSON.
    """

    name: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    data: list[Mapping[str, Any]] = field(default_factory=list)


def show(report: Report) -> None:
    """Print a table with its notes and errors."""
    table = Table(title=report.name, title_justify="left")
    for number, column in enumerate(report.columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in report.rows:
        table.add_row(*row)
    # Without a terminal the table has its full width, so that lines in a file are not broken.
    console = Console(width=None if os.isatty(1) else 200, highlight=False, markup=False)
    console.print(table)
    for note in report.notes:
        console.print(f"  {note}")
    for fault in report.faults:
        console.print(f"  ERROR: {fault}", style="bold red")


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
    """The machine and the packages that the numbers are valid for."""
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
        "nevergrad",
        "botorch",
        "ax-platform",
        "smac",
        "HEBO",
    ):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "not installed"
    return {
        "cpu": cpu,
        "processors": len(os.sched_getaffinity(0)),
        "blas": sorted(
            {each["architecture"] for each in threadpool_info() if "architecture" in each}
        ),
        "limits": limits(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": packages,
        "measured": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def limits() -> dict[str, str]:
    """Variables of the environment that slow some libraries down, and their values."""
    return {name: os.environ[name] for name in _LIMITING if name in os.environ}


def duration(seconds: float) -> str:
    """Three digits with a suitable unit: us, ms or s."""
    for unit, factor in (("us", 1e6), ("ms", 1e3)):
        if seconds * factor < 999.5:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def spread(values: Sequence[float]) -> str:
    """Smallest and largest duration."""
    return f"{duration(min(values))} - {duration(max(values))}"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Median, smallest and largest ratio of a round; below 1 ours is faster."""
    each = [a / b for a, b in zip(ours, theirs, strict=True)]
    return statistics.median(each), min(each), max(each)
