from __future__ import annotations

import numpy as np
import pytest
from sampler_conformance import SeededConformance, search
from spaces import BRANIN, branin, space_of

from dlrun.rng import Stream, generator
from dlrun.search.samplers.base import Sampler
from dlrun.search.samplers.model_based import objectives
from dlrun.search.samplers.random import Random
from dlrun.search.samplers.skopt import Skopt
from dlrun.search.suggestion import Completed, identity


@pytest.mark.slow
class TestSkopt(SeededConformance):
    sampler = Skopt(start=14)
    trials = 15
    """Few proposals of the model, which takes a fraction of a second for each."""


def test_it_beats_random_search() -> None:
    space = space_of(BRANIN)

    def best(sampler: Sampler) -> float:
        history: list[Completed] = []
        while len(history) < 20:
            (each,) = sampler.suggest(space, history, [], 1, 0)
            history.append(Completed(len(history), each, branin(**each)))
        return min(each.value for each in history if each.value is not None)

    assert best(Skopt()) < best(Random())


def test_a_proposal_is_that_of_scikit_optimize() -> None:
    from skopt import Optimizer

    space = space_of(BRANIN)
    history = search(Random(), space, 10)
    (found,) = Skopt(start=1).suggest(space, history, [], 1, 3)
    seed = int(generator(3, Stream.SAMPLER, 10).integers(2**31))
    theirs = Optimizer([(0.0, 1.0)] * 2, n_initial_points=0, acq_func="EI", random_state=seed)
    theirs.tell([space.positions(each.suggestion) for each in history], list(objectives(history)))
    assert found == space.at(theirs.ask())


def test_acquisitions_differ() -> None:
    space = space_of(BRANIN)
    history = search(Random(), space, 8)
    ei, lcb, pi = (
        Skopt(start=1, acquisition=word).suggest(space, history, [], 1, 0)
        for word in ("ei", "lcb", "pi")
    )
    assert len({identity(each) for each in (ei, lcb, pi)}) > 1


def test_a_batch_spreads() -> None:
    space = space_of(BRANIN)
    history = search(Random(), space, 12)
    batch = Skopt(start=1).suggest(space, history, [], 3, 0)
    points = np.array([space.positions(each) for each in batch])
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert distances[np.triu_indices(3, 1)].min() > 0.01
