"""Which searches are compared, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from benchmarks.search.peers import PEERS
from benchmarks.search.peers.base import Peer
from benchmarks.search.problems import PROBLEMS

FIRST_SEED = 2000
"""None of those that settings of the samplers were chosen on."""
SEEDS = 20
TRIALS = (20, 40)
_FEW_PROBLEMS = ("branin", "conditional-low", "table-mlp")
_FEW_TRIALS = (5, 10)
_FEW_SEEDS = 2
FOLDER = Path(__file__).parents[1] / "results" / "searches"


@dataclass(frozen=True, slots=True)
class Selection:
    """What to compare.

    Attributes:
        problems: names, in order.
        peers: names, in order; ours is first, if it is one of them.
        trials: numbers of trials after which regrets are compared, the smallest first.
        seeds: number of searches of each problem by each peer.
        folder: where searches are kept.
        stored: compare only those that are kept already.
    """

    problems: Sequence[str] = tuple(PROBLEMS)
    peers: Sequence[str] = tuple(PEERS)
    trials: Sequence[int] = TRIALS
    seeds: int = SEEDS
    folder: Path = FOLDER
    stored: bool = False

    @property
    def numbers(self) -> range:
        """The seeds."""
        return range(FIRST_SEED, FIRST_SEED + self.seeds)

    def lengths(self, peer: Peer) -> Sequence[int]:
        """Numbers of trials of the searches that a peer must run for each seed."""
        return self.trials if peer.budgeted else self.trials[-1:]


def select(
    problems: Sequence[str] | None = None,
    peers: Sequence[str] | None = None,
    trials: Iterable[int] | None = None,
    seeds: int | None = None,
    folder: Path | None = None,
    *,
    stored: bool = False,
    quick: bool = False,
) -> Selection:
    """A selection by patterns such as ``branin*``; None for all, or, if quick, for a few.

    Raises:
        ValueError: a pattern fits nothing; the message names the choices.
    """
    few = (_FEW_PROBLEMS, _FEW_TRIALS, _FEW_SEEDS) if quick else (None, TRIALS, SEEDS)
    return Selection(
        _matching("problem", problems or few[0], PROBLEMS),
        _matching("search", peers, PEERS),
        tuple(sorted(set(trials or few[1]))),
        seeds or few[2],
        folder or FOLDER,
        stored,
    )


def _matching(kind: str, patterns: Sequence[str] | None, names: Iterable[str]) -> Sequence[str]:
    names = tuple(names)
    if patterns is None:
        return names
    for pattern in patterns:
        if not any(fnmatch(name, pattern) for name in names):
            raise ValueError(f"no {kind} is called {pattern}; choose from {', '.join(names)}")
    return tuple(name for name in names if any(fnmatch(name, each) for each in patterns))
