"""The memory of ``dlrun train``, compared with what ``dlrun check`` says."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, Settings
from benchmarks.memory_cases import CASES, SMALL, Case
from benchmarks.report import Report

TOLERANCE = 0.05
"""Largest relative difference between the two, for networks that need more than the pictures."""
PICTURES = 40 * 2**20
"""Bytes; the pictures at the end of a run need about 20 MiB, whatever the network."""


def measure(settings: Settings) -> Report:
    """Peak resident memory of trainings, beyond that of the process after another training.

    In each round every training runs once, in a process of its own, and another one is first.
    """
    columns = ("training", "kernels", "said", "measured", "min - max", "of measured")
    report = Report("memory/check", columns)
    cases = CASES[-1:] if settings.quick else CASES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = SMALL.write(folder)
        specs = {case: case.write(folder) for case in cases}
        said = {case: said_by_check(path) for case, path in specs.items()}
        peaks: dict[Case, list[int]] = {case: [] for case in cases}
        for number in range(settings.rounds):
            start = number % len(cases)
            for case in cases[start:] + cases[:start]:
                peaks[case].append(used(small, specs[case], folder, said[case][1]))
    for case in cases:
        _row(report, case, *said[case], peaks[case])
    report.notes.append(
        "the smallest network needs less than the pictures that are drawn at the end"
    )
    return report


def said_by_check(spec: Path) -> tuple[int, str]:
    """The bytes that ``dlrun check`` says, and the kernels of the network.

    Raises:
        CalledProcessError: the spec has errors.
    """
    command = [sys.executable, "-m", "dlrun", "check", str(spec), "--json", "--plan"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    return sum(found["memory"].values()), found["plan"]["kernels"]


def used(small: Path, spec: Path, folder: Path, kernels: str) -> int:
    """Bytes at the peak of a training, beyond those before it.

    Args:
        small: the spec of the training before it.
        spec: of the training.
        folder: for the runs.
        kernels: of both.

    Raises:
        CalledProcessError: one of them failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.resident", small, spec, folder / "runs"],
        cwd=ROOT,
        env={**os.environ, "DLRUN_KERNELS": kernels},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout)
    return int(found["peak"] - found["before"])


def _row(report: Report, case: Case, said: int, kernels: str, peaks: list[int]) -> None:
    measured = statistics.median(peaks)
    report.rows.append(
        (
            case.name,
            kernels,
            f"{said / 2**20:.0f} MiB",
            f"{measured / 2**20:.0f} MiB",
            f"{min(peaks) / 2**20:.0f} - {max(peaks) / 2**20:.0f} MiB",
            f"{said / measured:.2f}",
        )
    )
    report.data.append({"case": case.name, "kernels": kernels, "said": said, "peaks": peaks})
    if measured > PICTURES and abs(said / measured - 1) > TOLERANCE:
        report.faults.append(f"{case.name}: check says {said / measured:.2f} of what is used")
