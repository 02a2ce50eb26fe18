"""From a spec to everything that training needs, with every fault that shows on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun import catalog as catalog  # a spec is read behind the registration of all components
from dlrun.data.prepared import Prepared, prepare
from dlrun.errors import DataError, ShapeError
from dlrun.nn.graph import Graph, build_graph
from dlrun.spec.document import Document
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.train.early_stopping import EarlyStopping, Mode
from dlrun.train.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Compiled:
    """An experiment with its data and its network's structure; nothing is trained.

    Attributes:
        document: the spec, for where each value came from.
        experiment: what it says.
        data: read, split and preprocessed.
        graph: the network without its numbers.
        monitor: the metric that tells the best epoch, as ``validation.loss``.
        mode: whether less or more of it is better.
    """

    document: Document[Experiment]
    experiment: Experiment
    data: Prepared
    graph: Graph
    monitor: str
    mode: Mode
