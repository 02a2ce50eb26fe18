"""The figures of ``docs/design/decisions.md``, each measured in seconds and on one thread.

Every case keeps its smallest time over the rounds: other programs on the machine can only make it
slower.  Calls that are not short are measured by the processor time of the thread, and programs by
that of their process, so that they need no machine of their own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.decisions import compute, data, startup
from benchmarks.decisions.case import Case
from benchmarks.measure import ROOT, Settings
from benchmarks.report import Report, duration
from dlrun.api.find_lr import find_lr
from dlrun.nn.parallel.blas import alone

_TURN = 0.2
"""Seconds of a turn."""
_SHORT = 2e-3
"""Seconds up to which elapsed time is measured: the other clock is too coarse for it."""


def measure(group: str, settings: Settings) -> Report:
    """All cases of a group."""
    report = Report(f"decisions/{group}", ("case", "smallest", "speed"))
    with tempfile.TemporaryDirectory() as name, alone():
        for case in GROUPS[group](Path(name)):
            seconds = min(_times(case, settings))
            row: dict[str, object] = {"case": case.name, "seconds": seconds}
            speed = ""
            if case.multiply_adds:
                row["gigaflops"] = 2e-9 * case.multiply_adds / seconds
                speed = f"{row['gigaflops']:.0f} GFLOP/s"
            report.rows.append((case.name, duration(seconds), speed))
            report.data.append(row)
    return report


def range_test(settings: Settings) -> Report:
    """The learning rates that a range test suggests, by seed and number of steps."""
    report = Report("decisions/range-test", ("spec", "steps", "suggestions"))
    seeds = 2 if settings.quick else 5
    with tempfile.TemporaryDirectory() as folder:
        for spec in sorted((ROOT / "experiments" / "quickstart").glob("*.yaml")):
            for steps in (60, 200):
                found = [
                    find_lr(spec, {"seed": seed}, steps=steps, into=folder).test.suggestion
                    for seed in range(seeds)
                ]
                shown = ", ".join(f"{each:.2g}" if each else "none" for each in found)
                report.rows.append((spec.stem, str(steps), shown))
                report.data.append({"spec": spec.stem, "steps": steps, "suggestions": found})
    return report


GROUPS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "functions": lambda _: compute.functions(),
    "multiplications": lambda _: compute.multiplications(),
    "convolutions": lambda _: compute.convolutions(),
    "finite": lambda _: compute.finite(),
    "batches": lambda _: data.batches(),
    "rows": data.rows,
    "files": data.files,
    "checksums": lambda _: data.checksums(),
    "images": lambda _: data.images(),
    "sounds": lambda _: data.sounds(),
    "texts": lambda _: data.texts(),
    "imports": lambda _: startup.imports(),
    "trainings": startup.trainings,
    "fits": lambda _: startup.fits(),
}


def _times(case: Case, settings: Settings) -> Iterator[float]:
    """Seconds of a call: the smallest of each turn, or those that a program returns."""
    if case.program:
        for _ in range(settings.rounds):
            yield float(case.work())  # type: ignore[arg-type]
        return
    before = time.perf_counter()
    case.work()
    short = time.perf_counter() - before < _SHORT
    clock = time.perf_counter if short or case.waits else time.thread_time
    for _ in range(settings.rounds):
        best, end = float("inf"), time.perf_counter() + (0.01 if settings.quick else _TURN)
        while time.perf_counter() < end:
            before = clock()
            case.work()
            best = min(best, clock() - before)
        yield best
