"""``dlrun train`` compared with a PyTorch script: the whole process, from start to exit."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import child
from benchmarks.child import Ended
from benchmarks.measure import ROOT, Settings
from benchmarks.report import Report, duration, ratio, spread

HERE = Path(__file__).parents[1] / "process"
ACCURACY = 0.93
"""Minimum test accuracy on the digits; with less, the program has not learned."""
_OURS, _TORCH = "dlrun train", "torch script"


def compare(settings: Settings) -> Report:
    """Imports, data, 30 epochs with validation, weights on disk: wall time and peak memory.

    dlrun also writes a run directory with plots and checksums, which the script does not.
    """
    columns = ("program", "wall time", "min - max", "of torch", "memory", "test accuracy")
    report = Report("process/digits-mlp", columns)
    programs: dict[str, Callable[[Path], list[str | Path]]] = {
        _OURS: lambda folder: [
            *(sys.executable, "-m", "dlrun", "train", HERE / "digits-mlp.yaml"),
            *("--runs", folder, "--plain"),
        ],
        _TORCH: lambda folder: [sys.executable, HERE / "torch_digits.py", folder],
    }
    ended: dict[str, list[Ended]] = {name: [] for name in programs}
    accuracy: dict[str, float] = {}
    for number in range(settings.rounds + 1):
        for name, command in programs.items():
            with tempfile.TemporaryDirectory() as folder:
                end = child.run(command(Path(folder)), ROOT)
                if end.code:
                    report.faults.append(f"{name} ended with {end.code}: {end.complaint}")
                    return report
                accuracy[name] = _accuracy(Path(folder))
            if number:  # the first round reads files from the disk and may compile kernels
                ended[name].append(end)
    for name, ends in ended.items():
        _row(report, name, ends, ended[_TORCH], accuracy[name])
    return report


def _row(report: Report, name: str, ends: list[Ended], torch: list[Ended], accuracy: float) -> None:
    seconds = [end.seconds for end in ends]
    memory = [end.peak_memory for end in ends]
    against = ratio(seconds, [end.seconds for end in torch])
    report.rows.append(
        (
            name,
            duration(statistics.median(seconds)),
            spread(seconds),
            f"{against[0]:.2f} ({against[1]:.2f} - {against[2]:.2f})",
            f"{statistics.median(memory) / 2**20:.0f} MiB",
            f"{accuracy:.3f}",
        )
    )
    report.data.append(
        {
            "program": name,
            "median": statistics.median(seconds),
            "seconds": seconds,
            "ratio": against,
            "peak_memory": memory,
            "test_accuracy": accuracy,
        }
    )
    if accuracy < ACCURACY:
        report.faults.append(f"{name} reached an accuracy of {accuracy:.3f}, {ACCURACY} is right")


def _accuracy(folder: Path) -> float:
    result = json.loads(next(folder.rglob("result.json")).read_text())
    return float(result["metrics"]["test.accuracy"])
