"""How long the board takes for many runs: ``python -m benchmarks.board [COUNT]``.

The runs are those of ``benchmarks.many_runs``.  Everything happens in this process, and what is
printed is processor time: the minimum of five readings and answers.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.many_runs import make
from dlrun.run_directory.json_text import to_json
from dlrun.web.query import Query
from dlrun.web.rows import Rows
from dlrun.web.watcher import Watcher

QUERIES = {
    "first rows": Query(),
    "sorted by a score": Query(sort="validation.loss"),
    "two conditions, sorted": Query(
        where=("optimizer.adam.lr<1e-2", "status=done"), sort="validation.loss"
    ),
    "a part of a text": Query(where=("name~moo",)),
    "the last rows, 500": Query(offset=9_500, limit=500),
}


def used(work: Callable[[], object], times: int = 5) -> float:
    """Processor time of this process in seconds, the minimum of several calls."""
    found = []
    for _ in range(times):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        make(Path(name), count)
        roots = [Path(name) / "runs"]
        print(f"{count + 1:,} runs")
        print(f"{'start without an index':30} {used(lambda: Watcher(roots), 1):8.3f} s")
        print(f"{'start with an index':30} {used(lambda: Watcher(roots), 3):8.3f} s")
        watcher = Watcher(roots)
        print(f"{'look for changes':30} {used(watcher.refresh):8.3f} s")
        listing = watcher.listing()
        for what, query in QUERIES.items():
            # A new table each time: nothing is remembered.
            spent = used(lambda query=query: to_json(Rows().window(listing, query)))  # type: ignore[misc]
            print(f"{what:30} {spent:8.3f} s")


if __name__ == "__main__":
    main()
