"""``dlrun train`` compared with a PyTorch script: the whole process, from start to exit."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import child
from benchmarks.child import Ended
from benchmarks.measure import ROOT, Settings
from benchmarks.report import Report, duration, ratio, spread

HERE = Path(__file__).parents[1] / "process"
ACCURACY = 0.93
"""Minimum test accuracy on the digits; with less, the program has not learned."""
_OURS, _PLAIN, _TORCH = "dlrun train", "dlrun train, no pictures", "torch script"


def compare(settings: Settings) -> Report:
    """Imports, data, 30 epochs with validation, weights on disk: wall time and peak memory.

    dlrun also writes a run directory with checksums and, once with and once without, pictures; the
    script does not.
    """
    columns = ("program", "wall time", "min - max", "of torch", "memory", "test accuracy")
    report = Report("process/digits-mlp", columns)
    programs: dict[str, Callable[[Path], Ended]] = {
        _OURS: partial(_ours, "yes"),
        _PLAIN: partial(_ours, "no"),
        _TORCH: lambda folder: child.run([sys.executable, HERE / "torch_digits.py", folder], ROOT),
    }
    ended: dict[str, list[Ended]] = {name: [] for name in programs}
    accuracy: dict[str, float] = {}
    for number in range(settings.rounds + 1):
        for name, program in programs.items():
            with tempfile.TemporaryDirectory() as folder:
                end = program(Path(folder))
                if end.code:
                    report.faults.append(f"{name} ended with {end.code}: {end.complaint}")
                    return report
                accuracy[name] = _accuracy(Path(folder))
            if number:  # the first round reads files from the disk and may compile kernels
                ended[name].append(end)
    for name, ends in ended.items():
        _row(report, name, ends, ended[_TORCH], accuracy[name])
    return report


def _ours(pictures: str, folder: Path) -> Ended:
    command: list[str | Path] = [
        *(sys.executable, "-m", "dlrun", "train", HERE / "digits-mlp.yaml"),
        *("--runs", folder, "--plain"),
    ]
    return child.run(command, ROOT, {"DLRUN_PICTURES": pictures})


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
