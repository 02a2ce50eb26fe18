"""The searches that are compared, by name; each library is imported when its search begins."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.search.peers import (
    ax_,
    botorch_,
    hebo_,
    nevergrad_,
    optuna_,
    ours,
    skopt_,
    smac_,
)
from benchmarks.search.peers.base import Peer

MODULES = (ours, skopt_, optuna_, nevergrad_, botorch_, ax_, smac_, hebo_)

PEERS: Mapping[str, Peer] = {peer.name: peer for module in MODULES for peer in module.PEERS}
OURS, BASELINE = "dlrun-bayes", "random"
