"""Saving a network with its preprocessing in a run directory."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dlrun.arrays import Array
from dlrun.data.prepared import Prepared
from dlrun.inference.checkpoint_content import PREPROCESS, TARGET, TRAINING, columns_as_json
from dlrun.inference.saved_model import Which
from dlrun.nn.state import State
from dlrun.run_directory.directory import RunDirectory


def save(
    directory: RunDirectory,
    which: Which,
    epoch: int,
    parameters: Mapping[str, Array],
    data: Prepared,
    training: State = MappingProxyType({}),
    manifest: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write a checkpoint.

    Args:
        directory: of the run.
        which: name of the checkpoint.
        epoch: the last finished epoch.
        parameters: all of the network, by name, such as ``conv_1.kernel``.
        data: that the network is trained on.
        training: the rest of the training state, to resume from.
        manifest: further entries for the manifest.
    """
    fitted = data.pipeline.state()
    if data.target_scaling is not None:
        fitted |= {TARGET + name: each for name, each in data.target_scaling.state().items()}
    pipeline = {PREPROCESS + name: array for name, array in fitted.items()}
    metadata = {
        "epoch": epoch,
        "task": data.train.task,
        "classes": data.train.classes,
        "columns": columns_as_json(data.pipeline.before),
        "source_shape": data.source_shape,
        "sample_shape": data.sample_shape,
        "scaled": data.train.scaled,
    }
    rest = {TRAINING + name: array for name, array in training.items()}
    directory.save_weights(which, {**parameters, **pipeline, **rest}, metadata, manifest)
