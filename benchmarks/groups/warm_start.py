"""How much a search gains from the trials of an earlier one."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.measure import Settings
from benchmarks.report import Report
from benchmarks.search.intervals import difference, interval
from benchmarks.search.peers.base import Peer
from benchmarks.search.peers.ours import Ours
from benchmarks.search.problem import Problem
from benchmarks.search.problems import PROBLEMS
from benchmarks.search.searching import search
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed

TRIALS = 15
EARLIER = 20
_OTHER = 10_000
"""Makes the seed of an earlier study another one."""
_CHOSEN = ("branin", "branin-low", "hartmann6", "mixed", "table-mlp")


def measure(settings: Settings) -> Report:
    """Regret after few trials, with and without the trials of an earlier random search."""
    selection = settings.searches
    columns = ("problem", "earlier trials", "mean regret", "95 % interval", "with less without")
    report = Report("search/warm-start", columns)
    for name in _CHOSEN:
        if name not in selection.problems:
            continue
        problem, found = PROBLEMS[name](), dict[int, list[float]]()
        for earlier in (0, EARLIER):
            peer = Peer("dlrun-bayes", "", partial(_begin, problem, earlier))
            found[earlier] = [
                search(problem, peer, seed, TRIALS).regret(TRIALS) for seed in selection.numbers
            ]
            mean, less = interval(found[earlier]), difference(found[earlier], found[0])
            report.rows.append(
                (
                    *(name, str(earlier), f"{mean.mean:.4f}", f"{mean.low:.4f} - {mean.high:.4f}"),
                    f"{less.low:+.4f} to {less.high:+.4f}" if earlier else "",
                )
            )
            report.data.append(
                {
                    "problem": name,
                    "earlier": earlier,
                    "regrets": found[earlier],
                    "mean": mean.mean,
                    "interval": [mean.low, mean.high],
                    "with_less_without": [less.low, less.high],
                }
            )
    report.notes.append(
        f"{selection.seeds} seeds, {TRIALS} trials; the best of the earlier trials do not count"
    )
    return report


def _begin(problem: Problem, earlier: int, space: Space, seed: int, _: int) -> Ours:
    return Ours(Bayes(), space, seed, _trials_before(problem, earlier, seed))


def _trials_before(problem: Problem, count: int, seed: int) -> list[Completed]:
    """Trials of an earlier study, with another seed."""
    seed += _OTHER
    noise, found = np.random.default_rng(seed), []
    for number, each in enumerate(Random().suggest(problem.space, [], [], count, seed)):
        outcome = problem.trial(each, noise)
        found.append(Completed(-1 - number, each, None if outcome is None else outcome.seen))
    return found
