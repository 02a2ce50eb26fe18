"""One search of a problem, and what is kept of it."""

from __future__ import annotations

import math
import random
import sys
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.search.peers.base import Peer
from benchmarks.search.problem import Problem

BLOCK = 10
"""Times are kept as sums over so many trials."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What is kept of a search.

    Attributes:
        trials: how many it was meant to have.
        chosen: number of trials and regret, whenever another trial became the best as the search
            sees it: the one with the smallest value, with its noise.
        best: the same for the smallest regret of all trials, which a search cannot see.
        seconds: processor time of the search, without its trials, of each ten trials.
    """

    trials: int
    chosen: Sequence[tuple[int, float]] = field(default_factory=list)
    best: Sequence[tuple[int, float]] = field(default_factory=list)
    seconds: Sequence[float] = field(default_factory=list)

    def regret(self, trials: int) -> float:
        """Regret of the trial chosen after so many; infinite if all have failed."""
        return _at(self.chosen, trials)

    def smallest(self, trials: int) -> float:
        """Smallest regret of so many trials; infinite if all have failed."""
        return _at(self.best, trials)

    def seconds_at(self, trials: int) -> float | None:
        """Processor time per suggestion in the ten trials up to this one; None if not kept."""
        block = trials // BLOCK - 1
        return self.seconds[block] / BLOCK if 0 <= block < len(self.seconds) else None

    def extends(self, shorter: Trace) -> bool:
        """Whether another search is the beginning of this one, except for its times."""
        return all(
            [each for each in longer if each[0] <= shorter.trials] == list(short)
            for longer, short in ((self.chosen, shorter.chosen), (self.best, shorter.best))
        )


def search(problem: Problem, peer: Peer, seed: int, trials: int) -> Trace:
    """Run a search, one trial at a time.

    Args:
        problem: to be searched.
        peer: the search.
        seed: of the search and of the noise.
        trials: their number; a search may end earlier if nothing is left to try.

    Raises:
        ImportError: the peer's library is not installed.
    """
    noise = np.random.default_rng(seed)
    seen, chosen, best = math.inf, list[tuple[int, float]](), list[tuple[int, float]]()
    seconds = list[float]()
    _seed_libraries(seed)
    spent = -time.process_time()
    running = peer.begin(problem.space, seed, trials)
    _seed_libraries(seed)  # again, for those that were just imported
    for number in range(1, trials + 1):
        suggestion = running.ask()
        spent += time.process_time()
        if suggestion is None:
            break
        outcome = problem.trial(suggestion, noise)
        if outcome is not None and outcome.seen < seen:
            seen = outcome.seen
            chosen.append((number, _rounded(outcome.regret)))
        if outcome is not None and (not best or _rounded(outcome.regret) < best[-1][1]):
            best.append((number, _rounded(outcome.regret)))
        spent -= time.process_time()
        running.tell(suggestion, None if outcome is None else outcome.seen)
        if number % BLOCK == 0:
            spent += time.process_time()
            seconds.append(float(f"{spent:.3g}"))
            spent = -time.process_time()
    return Trace(trials, chosen, best, seconds)


def _rounded(regret: float) -> float:
    """Six digits, as they are kept; rounding errors at the best value are 0."""
    return max(0.0, float(f"{regret:.6g}")) if regret > 1e-9 else 0.0


def _at(changes: Sequence[tuple[int, float]], trials: int) -> float:
    before = bisect_right([number for number, _ in changes], trials)
    return changes[before - 1][1] if before else math.inf


def _seed_libraries(seed: int) -> None:
    """Some libraries draw also from generators of the whole process."""
    random.seed(seed)
    np.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
