"""A process that trains with one library and prints how much memory that needed.

``python -m benchmarks.peer_memory PEER WORK`` trains the network on batches of two samples first,
so that the code of the library is in memory and its threads run, and then as it is.  It prints the
resident bytes between the two and the peak after that, as JSON; see proc(5) for the source of both.
Linux only.
"""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import replace

from benchmarks.groups.peer_memory import UNAVAILABLE
from benchmarks.peers import load
from benchmarks.peers.peer import Peer, UnavailableError
from benchmarks.resident import peak, resident, restart_peak
from benchmarks.works import WORKS, Work, first_weights, samples

_STEPS = 20
_FEW = 2
"""Samples in the batches of the training before."""


def main() -> int:
    """Train; returns ``UNAVAILABLE`` if the library cannot do it here."""
    name, which = sys.argv[1:]
    (work,) = (each for each in WORKS if each.name == which)
    try:
        peer = load(name)
        _train(peer, replace(work, batch=_FEW))
    except UnavailableError as fault:
        print(fault, file=sys.stderr)
        return UNAVAILABLE
    inputs, classes = samples(work)  # not counted: a training on data in memory has it once
    weights = first_weights(work)
    gc.collect()
    before = resident()
    restart_peak()
    peer.trainer(work, weights, inputs, classes)(_STEPS)
    print(json.dumps({"before": before, "peak": peak()}))
    return 0


def _train(peer: Peer, work: Work) -> None:
    peer.trainer(work, first_weights(work), *samples(work))(_STEPS)


if __name__ == "__main__":
    sys.exit(main())
