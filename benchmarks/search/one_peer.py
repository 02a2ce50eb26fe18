"""The searches of one peer, in a process of its own: ``python -m benchmarks.search.one_peer``.

Standard input is a selection in JSON, standard output are the errors, one per line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from benchmarks.search.peers import PEERS
from benchmarks.search.problems import PROBLEMS
from benchmarks.search.searching import search
from benchmarks.search.selection import Selection
from benchmarks.search.store import Store

ROOT = Path(__file__).parents[2]
_NOT_INSTALLED = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a peer's searches.

    Attributes:
        missing: why its library cannot be imported; empty if it can.
        faults: searches that failed, with the reason.
    """

    missing: str = ""
    faults: list[str] = field(default_factory=list)


def run(selection: Selection, peer: str) -> Ended:
    """Run all searches of a peer that are not stored yet, in another process with one thread."""
    chosen = replace(selection, peers=(peer,))
    if not any(_missing(chosen, peer)):
        return Ended()
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "DLRUN_THREADS")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.search.one_peer"],
        input=json.dumps({**asdict(chosen), "folder": str(chosen.folder.absolute())}),
        stdout=subprocess.PIPE,
        env={**os.environ, **dict.fromkeys(threads, "1"), "PYTHONPATH": path},
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode == _NOT_INSTALLED:
        return Ended(missing=lines[-1])
    if done.returncode:
        lines.append(f"{peer}: its process ended with exit code {done.returncode}")
    return Ended(faults=lines)


def main() -> int:
    """Run the searches of standard input, and keep each as soon as it has ended."""
    content, out = json.load(sys.stdin), sys.stdout
    sys.stdout = sys.stderr  # for what libraries print
    selection = Selection(**{**content, "folder": Path(content["folder"])})
    (name,) = selection.peers
    store, start = Store(selection.folder), time.perf_counter()
    jobs = list(_missing(selection, name))
    for number, (problem, seed, trials) in enumerate(jobs, 1):
        if sys.stderr.isatty() or number % 20 == 1:
            seconds = time.perf_counter() - start
            progress = f"{name}: search {number} of {len(jobs)}, {problem}, {seconds:.0f} s"
            print(progress, file=sys.stderr, flush=True)
        try:
            trace = search(PROBLEMS[problem](), PEERS[name], seed, trials)
            store.add(PROBLEMS[problem](), PEERS[name], seed, trace)
        except ImportError as error:
            print(error, file=out)
            return _NOT_INSTALLED
        except Exception as error:  # of a library; the other searches go on
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            print(f"{name} on {problem}, seed {seed}, {trials} trials: {reason}", file=out)
    return 0


def _missing(selection: Selection, name: str) -> Iterator[tuple[str, int, int]]:
    """Problem, seed and trials of each search that is not stored.

    All problems of a seed come first, so that an interrupted measurement has all problems.
    """
    store, peer = Store(selection.folder), PEERS[name]
    for seed in selection.numbers:
        for problem in selection.problems:
            for trials in selection.lengths(peer):
                if store.get(PROBLEMS[problem](), peer, seed, trials) is None:
                    yield problem, seed, trials


if __name__ == "__main__":
    sys.exit(main())
