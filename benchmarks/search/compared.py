"""The regrets of all selected searches, after those that are missing have been run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.search import one_peer
from benchmarks.search.peers import PEERS
from benchmarks.search.problems import PROBLEMS
from benchmarks.search.searching import Trace
from benchmarks.search.selection import Selection
from benchmarks.search.store import Store


@dataclass(slots=True)
class Compared:
    """All searches of a selection that have a result.

    Attributes:
        selection: what was asked for.
        peers: those with a result, in order.
        notes: peers that are left out, with the reason.
        faults: searches that failed.
    """

    selection: Selection
    peers: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _traces: dict[tuple[str, str, int, int], Trace] = field(default_factory=dict)

    def trace(self, problem: str, peer: str, seed: int, trials: int) -> Trace | None:
        """A search of at least so many trials; None if there is none."""
        return self._traces.get((problem, peer, seed, trials))

    def regrets(self, problem: str, peer: str, trials: int) -> Mapping[int, float]:
        """By seed, of the trials chosen after so many; empty if there are none."""
        return {
            seed: trace.regret(trials)
            for seed in self.selection.numbers
            if (trace := self.trace(problem, peer, seed, trials)) is not None
        }

    def complete(self, peer: str, trials: int, problems: Sequence[str]) -> bool:
        """Whether a peer has searched all of the problems with all seeds."""
        return all(
            (problem, peer, seed, trials) in self._traces
            for problem in problems
            for seed in self.selection.numbers
        )

    def add(self, problem: str, peer: str, seed: int, trials: int, trace: Trace) -> None:
        """Include a search."""
        self._traces[problem, peer, seed, trials] = trace


def compare(selection: Selection) -> Compared:
    """Run the missing searches, peer by peer, and collect all."""
    compared, peers = Compared(selection), []
    for name in selection.peers:
        if not selection.stored:
            ended = one_peer.run(selection, name)
            compared.faults += ended.faults
            if ended.missing:
                compared.notes.append(f"{name} cannot run here: {ended.missing}")
        if _collect(compared, name, Store(selection.folder)):
            peers.append(name)
    compared.peers = peers
    return compared


def _collect(compared: Compared, name: str, store: Store) -> bool:
    """Add the stored searches of a peer; returns whether there are any."""
    selection, some = compared.selection, False
    for problem in selection.problems:
        for seed in selection.numbers:
            for trials in selection.trials:
                trace = store.get(PROBLEMS[problem](), PEERS[name], seed, trials)
                if trace is not None:
                    compared.add(problem, name, seed, trials, trace)
                    some = True
    return some
