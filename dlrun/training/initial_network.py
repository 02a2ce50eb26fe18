"""The network of an experiment before the first step."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.experiment.compile import Compiled
from dlrun.experiment.memory import need_room
from dlrun.experiment.target import target_of
from dlrun.nn.engine.initial_rescaling import settle
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.nn.parallel.blas import alone
from dlrun.rng import Stream, generator


def initial_network(compiled: Compiled, probe: Probe = UNWATCHED) -> Network:
    """A network with initial weights, whose loss is fitted to the training set.

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
