"""The difference between the losses on samples that a network has not seen and on those it has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from safetensors.numpy import load_file

import dlrun
from dlrun.experiment.compile import compile_spec
from dlrun.inference.scores import evaluate
from dlrun.training.initial_network import initial_network
from experiments.lab import Trained


def training_loss(run: Trained) -> float:
    """The loss on the training set after training, with running averages, as on the test set.

    The loss of metrics.csv has the statistics of batches, and weights that still change.
    """
    assert run.path is not None
    return _training_loss(run.path)


@cache
def _training_loss(path: Path) -> float:
    compiled = compile_spec(path / "resolved.yaml")
    network = initial_network(compiled)
    weights = dlrun.Run(path).result["weights"]
    stored = load_file(path / "checkpoints" / f"{weights}.safetensors")
    network.parameters.restore({name: stored[name] for name in network.parameters.named()})
    return float(evaluate(network, [], compiled.data.train)["loss"])


def gaps(runs: Sequence[Trained]) -> list[float]:
    """Test loss minus training loss of each training that did not diverge."""
    return [run.scores["test.loss"] - training_loss(run) for run in runs if not run.failed]
