"""Compare two checkouts of this repository, measured in turn in one run.

    git worktree add ../before COMMIT
    python -m benchmarks.compare ../before .

Measures the training steps of ``benchmarks.run`` and the whole process of ``dlrun train``.  A ratio
is the second checkout's time to the first one's in the same round; below 1 the second is faster.
Each checkout runs its own ``benchmarks/worker.py`` and its own ``dlrun``, so that the two may name
their modules differently.  Both need the packages of this Python, and nothing else may run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from benchmarks import child
from benchmarks.child import Ended
from benchmarks.measure import Settings, available_threads, take_turns
from benchmarks.peers import OURS
from benchmarks.report import RESULTS, Report, duration, ratio, save, show, spread
from benchmarks.worker import Job
from benchmarks.works import WORKS, Work

SPEC = Path(__file__).parent / "process" / "digits-mlp.yaml"
PROCESS = "process/digits-mlp"
NAMES = (*(f"train/{work.name}" for work in WORKS), PROCESS)
_LABELS = ("before", "after")


def main() -> int:
    """Print a table for each benchmark.

    Returns:
        0, or 1 if a benchmark failed, or 2 if an argument is wrong.
    """
    arguments = _parser().parse_args()
    checkouts = [path.resolve() for path in (arguments.before, arguments.after)]
    chosen = [
        name
        for name in NAMES
        if not arguments.only or any(fnmatch(name, pattern) for pattern in arguments.only)
    ]
    errors = [error for path in checkouts if (error := _not_a_checkout(path))]
    if not chosen:
        errors.append(f"no benchmark has this name; choose from {', '.join(NAMES)}")
    if errors:
        print("\n".join(errors), file=sys.stderr)
        return 2
    settings = Settings(quick=True, rounds=1, seconds=0.1) if arguments.quick else Settings()
    if arguments.rounds is not None:
        settings = Settings(arguments.rounds, settings.seconds, settings.quick)
    works = {f"train/{work.name}": work for work in WORKS}
    reports = []
    for name in chosen:
        print(f"{name} ...", file=sys.stderr, flush=True)
        work = works.get(name)
        reports.append(steps(work, checkouts, settings) if work else process(checkouts, settings))
        show(reports[-1])
        if not settings.quick:
            save(RESULTS / f"compare-{time.strftime('%Y-%m-%d')}.json", reports, settings)
    return 1 if any(report.faults for report in reports) else 0


def steps(work: Work, checkouts: Sequence[Path], settings: Settings) -> Report:
    """Forward, loss, backward and Adam on a batch, with each number of threads."""
    columns = ("threads, checkout", "a step", "min - max", "vs. before")
    report = Report(f"train/{work.name}", columns)
    for threads in available_threads():
        jobs = [Job(OURS, "train", work, threads)] * len(checkouts)
        before, after = take_turns(jobs, settings, checkouts)
        for label, outcome in zip(_LABELS, (before, after), strict=True):
            if outcome.failed:
                report.faults.append(f"{threads} {label}: {outcome.failed.reason}")
        if report.faults:
            return report
        for label, outcome in zip(_LABELS, (before, after), strict=True):
            _row(report, f"{threads} {label}", outcome.seconds, before.seconds)
        losses = [outcome.ready.losses for outcome in (before, after) if outcome.ready]
        if losses[0] != losses[1]:
            report.notes.append(f"{threads} threads: the losses of the first steps differ")
    return report


def process(checkouts: Sequence[Path], settings: Settings) -> Report:
    """``dlrun train`` of the digits, from its start to its end, and its peak memory."""
    columns = ("checkout", "wall time", "min - max", "vs. before", "memory")
    report = Report(PROCESS, columns)
    ended: list[list[Ended]] = [[] for _ in checkouts]
    for number in range(settings.rounds + 1):
        order = range(len(checkouts)) if number % 2 else reversed(range(len(checkouts)))
        for position in order:
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, "-m", "dlrun", "train", str(SPEC)]
                command += ["--runs", folder, "--plain"]
                checkout = checkouts[position]
                end = child.run(command, checkout, {"PYTHONPATH": str(checkout)})
            if end.code:
                report.faults.append(
                    f"{_LABELS[position]} ended with exit code {end.code}: {end.complaint}"
                )
                return report
            if number:  # the first round reads files from the disk and may compile kernels
                ended[position].append(end)
    before = [end.seconds for end in ended[0]]
    for label, ends in zip(_LABELS, ended, strict=True):
        memory = statistics.median(end.peak_memory for end in ends)
        seconds = [end.seconds for end in ends]
        _row(report, label, seconds, before, f"{memory / 2**20:.0f} MiB")
    return report


def _row(
    report: Report, label: str, seconds: Sequence[float], before: Sequence[float], *more: str
) -> None:
    middle, least, greatest = ratio(seconds, before)
    median = statistics.median(seconds)
    compared = f"{middle:.3f} ({least:.3f} - {greatest:.3f})"
    report.rows.append((label, duration(median), spread(seconds), compared, *more))
    report.data.append(
        {
            "label": label,
            "median": median,
            "seconds": list(seconds),
            "ratio": (middle, least, greatest),
        }
    )


def _not_a_checkout(path: Path) -> str | None:
    """Why a folder cannot be measured, or None: Python must import dlrun from it."""
    program = "import dlrun, benchmarks.worker; print(dlrun.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=path if path.is_dir() else None,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0 and Path(done.stdout.strip()).is_relative_to(path):
        return None
    return f"{path} is not a checkout of dlrun with its benchmarks"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description="Compare the speed of two checkouts."
    )
    parser.add_argument("before", type=Path, help="a checkout of the repository")
    parser.add_argument("after", type=Path, help="another one")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="a name or a pattern (train/mlp-*)"
    )
    parser.add_argument("--rounds", type=int, help="turns of each checkout (5)")
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to check that everything works"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
