"""The network of an experiment as training finds it."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.network import Network
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.nn.settle import settle
from dlrun.nn.threads import alone
from dlrun.rng import Stream, generator
from dlrun.training.compile import Compiled, target_of
from dlrun.training.room import need_room


def fresh_network(compiled: Compiled, probe: Probe = UNWATCHED) -> Network:
    """A network with first weights, whose loss knows what it has to of the training part.

    Raises:
        SpecError: this machine has too little memory for it.
    """
    experiment, train = compiled.experiment, compiled.data.train
    need_room(compiled.graph, min(experiment.data.batch_size, len(train)))
    loss = experiment.loss.fit(target_of(train, compiled.graph, experiment.loss))
    network = Network(compiled.graph, loss, probe=probe, shorter=compiled.shorter)

    def draw(count: int) -> Array:
        random = generator(experiment.seed, Stream.INIT, 0, 1)
        rows = np.sort(random.permutation(len(train))[:count])
        return np.asarray(train.take(rows).inputs)

    with alone():
        network.parameters.initialize(experiment.seed, experiment.initializer)
        settle(network, experiment.initializer, draw)
    return network
