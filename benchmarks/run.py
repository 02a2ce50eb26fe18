"""Measure dlrun against its peers: ``make bench``, or ``python -m benchmarks.run --help``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

from benchmarks.groups import (
    augment,
    augment_pace,
    buckets,
    curves,
    decisions,
    looks,
    memory,
    out_of_core,
    overhead,
    peer_memory,
    portable,
    scaling,
    schedule,
    search,
    statistics,
    steps,
    trials,
    warm_start,
    whole_process,
)
from benchmarks.measure import Settings
from benchmarks.report import RESULTS, Report, limits, save, show
from benchmarks.search.selection import SEEDS, TRIALS, select
from benchmarks.works import WORKS

BENCHMARKS: dict[str, Callable[[Settings], Report]] = {
    **{f"train/{work.name}": partial(steps.train, work) for work in WORKS},
    **{f"predict/{work.name}": partial(steps.predict, work) for work in WORKS},
    **{f"scaling/{sweep.name}": partial(scaling.grow, sweep) for sweep in scaling.SWEEPS},
    "train/buckets": buckets.measure,
    "train/schedule": schedule.simulate,
    "portable/steps": portable.measure,
    "process/digits-mlp": whole_process.compare,
    "memory/check": memory.measure,
    "memory/peers": peer_memory.measure,
    "overhead/epoch": overhead.measure,
    "overhead/trial": trials.measure,
    "out-of-core/npz": out_of_core.train,
    "augment/images": augment.images,
    "augment/pace": augment_pace.images,
    "augment/sounds": augment_pace.sounds,
    "augment/texts": augment_pace.texts,
    "statistics/coverage": statistics.coverage,
    "statistics/ties": statistics.ties,
    "statistics/optimism": statistics.winner,
    "statistics/claims": statistics.claims,
    "statistics/power": statistics.planned,
    "statistics/looks": looks.false_positives,
    "statistics/early": looks.power,
    "search/curves": curves.compare,
    "search/regret": search.regret,
    "search/rank": search.rank,
    "search/seconds": search.seconds,
    "search/warm-start": warm_start.measure,
    "search/pruners": curves.prune,
    "decisions/range-test": decisions.range_test,
    **{f"decisions/{group}": partial(decisions.measure, group) for group in decisions.GROUPS},
}


LONG = "search/*"
"""Takes hours, so it is run only by name, or quickly."""


def main() -> int:
    """Run the chosen benchmarks; returns 1 if results are wrong or a benchmark failed."""
    arguments = _parser().parse_args()
    chosen = [name for name in BENCHMARKS if _matches(name, arguments.only)]
    if not chosen:
        print(f"no benchmark has the name {' or '.join(arguments.only)}", file=sys.stderr)
        print(f"choose from {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    if not arguments.only and not arguments.quick:
        chosen = [name for name in chosen if not fnmatch(name, LONG)]
        print("left out, since it takes hours: --only search", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            settings = _settings(arguments, Path(scratch))
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        return _run(chosen, settings, arguments.name)


def _run(chosen: Sequence[str], settings: Settings, name: str | None) -> int:
    for variable, value in limits().items():
        print(f"unset {variable} ({value}): it slows some libraries down", file=sys.stderr)
    path: Path | None = None
    if name or not settings.quick:
        path = RESULTS / f"{name or time.strftime('%Y-%m-%d-%H%M')}.json"
    reports = []
    for each in chosen:
        print(f"{each} ...", file=sys.stderr, flush=True)
        reports.append(BENCHMARKS[each](settings))
        show(reports[-1])
        if path is not None:
            save(path, reports, settings)
    if path is not None:
        print(path)
    return 1 if any(report.faults for report in reports) else 0


def _settings(arguments: argparse.Namespace, scratch: Path) -> Settings:
    """Raises ValueError if a problem or a search is unknown.

    Args:
        arguments: of the command line.
        scratch: a folder for searches that are run only to check that everything works.
    """
    searches = select(
        arguments.problems,
        arguments.peers,
        arguments.trials,
        arguments.seeds,
        arguments.searches or (scratch if arguments.quick else None),
        stored=arguments.stored,
        quick=arguments.quick,
    )
    short = Settings(quick=True, rounds=1, seconds=0.1)
    settings = replace(short if arguments.quick else Settings(), searches=searches)
    return settings if arguments.rounds is None else replace(settings, rounds=arguments.rounds)


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
    searches = parser.add_argument_group("searches (search/*)")
    searches.add_argument(
        "--problems", nargs="+", metavar="NAME", help="a problem (branin) or a pattern (*-high)"
    )
    searches.add_argument(
        "--peers", nargs="+", metavar="NAME", help="a search (random) or a pattern (optuna-*)"
    )
    trials = " ".join(map(str, TRIALS))
    searches.add_argument(
        "--trials",
        nargs="+",
        type=_positive,
        metavar="N",
        help=f"compare after so many trials ({trials})",
    )
    searches.add_argument(
        "--seeds", type=_positive, metavar="N", help=f"searches of each problem ({SEEDS})"
    )
    searches.add_argument(
        "--searches",
        type=Path,
        metavar="FOLDER",
        help="where searches are kept, and taken from if they were run before "
        "(benchmarks/results/searches)",
    )
    searches.add_argument(
        "--stored", action="store_true", help="run none, compare those that are kept"
    )
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
