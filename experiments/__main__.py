"""Run experiments and write their findings.

    python -m experiments --all               # all, in about an hour on two cores
    python -m experiments initialization      # one folder
    python -m experiments --all --quick       # few seeds and epochs; shows only that all works

Findings, README and pictures are written into the folder of each experiment; those of a quick run
into its folder for work, so that they replace nothing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from experiments.lab import Lab

ROOT = Path(__file__).parent
CLOCK = "seconds"
"""A file that every folder for work has: how long its experiment has run."""
NAMES = tuple(sorted(path.parent.name for path in ROOT.glob("*/experiment.py")))


def main(words: Sequence[str]) -> None:
    """Run the experiments that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m experiments")
    known = ", ".join(NAMES)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"folders: {known}")
    parser.add_argument("--all", action="store_true", help="all folders")
    parser.add_argument("--quick", action="store_true", help="few seeds and epochs")
    parser.add_argument("--resume", action="store_true", help="use finished studies again")
    parser.add_argument("--jobs", type=int, help="trainings at the same time")
    parser.add_argument(
        "--work", type=Path, default=Path("runs/experiments"), help="for studies and runs"
    )
    given = parser.parse_args(words)
    if given.all == bool(given.names):
        parser.error(f"give --all, or one or more of {known}")
    for name in given.names:
        if name not in NAMES:
            parser.error(f"there is no experiment '{name}'; there are {known}")
    names = given.names or NAMES
    places = {name: given.work / f"{name}{'-quick' * given.quick}" for name in names}
    for work in places.values():
        if work.exists() and not (work / CLOCK).exists():
            parser.error(f"{work} is no folder for work of an experiment; give another --work")
    for name, work in places.items():
        folder, clock = ROOT / name, work / CLOCK
        if not given.resume and work.exists():
            shutil.rmtree(work)
        earlier = float(clock.read_text()) if clock.exists() else 0.0
        work.mkdir(parents=True, exist_ok=True)
        clock.write_text(repr(earlier))
        results = work if given.quick else folder
        lab = Lab(folder, work, results, quick=given.quick, jobs=given.jobs)
        started = time.monotonic()
        print(f"{name} ...", flush=True)
        try:
            findings = import_module(f"experiments.{name}.experiment").run(lab)
        finally:
            clock.write_text(repr(earlier + time.monotonic() - started))
        findings.earlier = earlier
        findings.write(results)
        for each in findings.verdicts:
            print(f"  {each.verdict:>19}  {each.claim}")
        print(f"  {time.monotonic() - started:.0f} s, {results / 'README.md'}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
