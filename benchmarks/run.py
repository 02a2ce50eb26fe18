"""Measure dlrun against its peers: ``make bench``, or ``python -m benchmarks.run --help``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

from benchmarks.groups import (
    augment,
    buckets,
    curves,
    decisions,
    memory,
    out_of_core,
    overhead,
    scaling,
    search,
    steps,
    trials,
    whole_process,
)
from benchmarks.measure import Settings
from benchmarks.report import RESULTS, Report, save, show
from benchmarks.works import WORKS

BENCHMARKS: dict[str, Callable[[Settings], Report]] = {
    **{f"train/{work.name}": partial(steps.train, work) for work in WORKS},
    **{f"predict/{work.name}": partial(steps.predict, work) for work in WORKS},
    **{f"scaling/{sweep.name}": partial(scaling.grow, sweep) for sweep in scaling.SWEEPS},
    "train/buckets": buckets.measure,
    "process/digits-mlp": whole_process.compare,
    "memory/check": memory.measure,
    "overhead/epoch": overhead.measure,
    "overhead/trial": trials.measure,
    "out-of-core/npz": out_of_core.train,
    "augment/images": augment.images,
    "search/regret": search.compare,
    "search/warm-start": search.warm,
    "search/curves": curves.compare,
    "search/pruners": curves.prune,
    "decisions/range-test": decisions.range_test,
    **{f"decisions/{group}": partial(decisions.measure, group) for group in decisions.GROUPS},
}


def main() -> int:
    """Run the chosen benchmarks; returns 1 if results are wrong or a benchmark failed."""
    arguments = _parser().parse_args()
    chosen = [name for name in BENCHMARKS if _matches(name, arguments.only)]
    if not chosen:
        print(f"no benchmark has the name {' or '.join(arguments.only)}", file=sys.stderr)
        print(f"choose from {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    settings = Settings(quick=True, rounds=1, seconds=0.1) if arguments.quick else Settings()
    if arguments.rounds is not None:
        settings = Settings(arguments.rounds, settings.seconds, settings.quick)
    path: Path | None = None
    if arguments.name or not settings.quick:
        path = RESULTS / f"{arguments.name or time.strftime('%Y-%m-%d-%H%M')}.json"
    reports = []
    for name in chosen:
        print(f"{name} ...", file=sys.stderr, flush=True)
        reports.append(BENCHMARKS[name](settings))
        show(reports[-1])
        if path is not None:
            save(path, reports, settings)
    if path is not None:
        print(path)
    return 1 if any(report.faults for report in reports) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="NAME",
        help="a group (train), a benchmark (train/mlp-small) or a pattern (*/mlp-*)",
    )
    parser.add_argument("--rounds", type=_positive, help="turns of every library (5)")
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to check that everything works"
    )
    parser.add_argument("--name", help="name of the file in benchmarks/results (the date)")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _matches(name: str, patterns: list[str]) -> bool:
    return not patterns or any(
        name.startswith(f"{pattern}/") or fnmatch(name, pattern) for pattern in patterns
    )


if __name__ == "__main__":
    sys.exit(main())
