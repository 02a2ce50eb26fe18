"""How many threads a training step could use, by a simulation of its pieces."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from benchmarks.measure import ROOT, Settings, take_turns
from benchmarks.peers import OURS
from benchmarks.report import Report
from benchmarks.schedule import scheduled
from benchmarks.worker import Job
from benchmarks.works import WORKS, Work

_THREADS = (2, 4, 8, 16)


def simulate(settings: Settings) -> Report:
    """Speed of steps on several threads, of that on one.

    The pieces are measured on one thread.  "Without waiting" threads take the next piece at once;
    otherwise they lose as much time in each section as makes the simulation of two threads equal to
    the measurement.  More threads would share caches and memory, which is not simulated.
    """
    columns = ("network", "sections", "serial", "2 measured", *(f"{n} threads" for n in _THREADS))
    report = Report("train/schedule", (*columns, *(f"{n} without waiting" for n in _THREADS)))
    for work in WORKS[:1] if settings.quick else WORKS:
        _row(report, work, settings)
    return report


def _row(report: Report, work: Work, settings: Settings) -> None:
    job = Job(OURS, "train", work, 2)
    (two,) = take_turns([job], settings)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.schedule", work.name],
        cwd=ROOT,
        env={**os.environ, "DLRUN_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout)
    step, sections = found["step"], found["sections"]
    lost = two.median - scheduled(step, sections, 2)
    waiting = max(0.0, lost / len(sections)) if sections else 0.0
    real = [step / scheduled(step, sections, n, waiting) for n in _THREADS]
    ideal = [step / scheduled(step, sections, n) for n in _THREADS]
    serial = 1 - sum(map(sum, sections)) / step
    report.rows.append(
        (
            work.name,
            f"{len(sections)}",
            f"{serial:.0%}",
            f"{step / two.median:.2f}",
            *(f"{each:.2f}" for each in (*real, *ideal)),
        )
    )
    report.data.append(
        {
            "work": work.name,
            "step": step,
            "two_threads": two.median,
            "sections": len(sections),
            "serial": serial,
            "waiting": waiting,
            "threads": _THREADS,
            "speed": real,
            "without_waiting": ideal,
        }
    )
