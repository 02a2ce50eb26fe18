"""Loading a trained network from a run directory or an archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.data.preprocess.pipeline import Pipeline
from dlrun.data.target_scaling import TargetScaling
from dlrun.errors import DataError, ShapeError
from dlrun.experiment.memory import need_room
from dlrun.experiment.read import read_trained
from dlrun.experiment.target import learning, target_of
from dlrun.inference.checkpoint_content import TARGET, TRAINING, columns_from_json, divided
from dlrun.inference.loaded_model import SavedModel
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.kernels import Kernels
from dlrun.nn.state import under
from dlrun.run_directory.saved_run import SavedRun

Which = Literal["best", "last"]


def load(run: SavedRun, which: Which, kernels: Kernels | None = None) -> SavedModel:
    """Load the network of a run.

    Args:
        run: its directory, or an archive.
        which: name of the weights.
        kernels: the inner loops; None chooses by the size of the network.

    Raises:
        DataError: it is missing, broken, or does not fit the run's spec.
    """
    weights = run.load_weights(which, wanted=lambda name: not name.startswith(TRAINING))
    experiment = read_trained(run)
    try:
        known = weights.metadata
        graph = build_graph(experiment.model, tuple(known["sample_shape"]))
        need_room(graph, samples=1)
        values, state, _ = divided(weights.arrays)
        weights.arrays.clear()  # so that each array is freed when it has been copied
        scaling, kind = None, experiment.data.target_scaling
        if kind is not None:
            scaling = TargetScaling.restore(kind, under(state, TARGET.removesuffix(".")))
        network = Network(graph, learning(experiment.loss, scaling), kernels=kernels)
        columns = columns_from_json(known["columns"])
        pipeline = Pipeline.restore(experiment.data.preprocess, columns, state)
        _need_the_same(values, network.parameters.named())
        for name, value in network.parameters.named().items():
            np.copyto(value, values.pop(name), casting="no")
        classes = None if known["classes"] is None else tuple(known["classes"])
        model = SavedModel(
            network,
            pipeline,
            known["task"],
            classes,
            tuple(known["source_shape"]),
            experiment.data.source,
            known.get("scaled"),
            scaling,
            experiment.data.new_categories,
        )
        _need_targets(model)
        return model
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{run.checkpoints}: the {which} weights do not fit {run.resolved_file.name}: {error}"
        ) from error


def _need_targets(model: SavedModel) -> None:
    """Check that task and classes fit the network's output and its loss.

    Raises:
        ValueError: they do not.
    """
    try:
        model.network.loss.check(model.network.graph.output.shape, target_of(model.like))
    except ShapeError as error:
        raise ValueError(str(error)) from error


def _need_the_same(found: Mapping[str, Array], needed: Mapping[str, Array]) -> None:
    """Check names and shapes; NumPy would broadcast some shapes that do not fit.

    Raises:
        ValueError: they differ.
    """
    for name in sorted(found.keys() | needed.keys()):
        shapes = [each[name].shape if name in each else "nothing" for each in (found, needed)]
        if shapes[0] != shapes[1]:
            raise ValueError(f"{name} is {shapes[0]} in the file and {shapes[1]} in the spec")
