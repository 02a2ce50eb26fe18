"""An experiment: the content of a spec, typed and frozen, with every default filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from dlrun.augment.augmentation import Augmentation
from dlrun.data.section import DataSection
from dlrun.experiment.checkpointing import Checkpointing
from dlrun.experiment.early_stopping import EarlyStopping
from dlrun.experiment.on_divergence import OnDivergence
from dlrun.loggers.base import Logger
from dlrun.nn.averages.base import Average
from dlrun.nn.graph.groups import Group
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.xavier import XavierUniform
from dlrun.nn.layers.base import AnyLayer
from dlrun.nn.losses.base import Loss
from dlrun.nn.metrics.base import Metric
from dlrun.nn.optimization.clip import Clip
from dlrun.nn.optimization.penalty import Penalty
from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.optimizers.base import Optimizer
from dlrun.nn.schedules.base import Schedule
from dlrun.nn.schedules.constant import Constant
from dlrun.spec.component import Component
from dlrun.spec.fields import Duration, Name, NonNegative

Seed = Annotated[int, Field(ge=0, lt=2**64)]


class Experiment(Component):
    """One training, from data to final scores."""

    other_file: ClassVar = (
        frozenset({"search", "space"}),
        "this is a sweep, not a spec; use dlrun tune, or name the spec that it varies",
    )

    name: Name
    """Name of the experiment, and of the folder of its runs: at most 100 letters, digits, ``.``,
    ``_`` and ``-``."""
    seed: Seed = 0
    """Seed of all random numbers of the run."""
    numerics: Literal["native", "portable"] = "native"
    """``native``: the fastest code for this processor, whose last bits other processors may not
    reproduce. ``portable``: code with bit-identical results on all x86-64 processors with AVX2 and
    FMA."""
    params: dict[str, Any] = Field(default_factory=dict)
    """Values to use elsewhere in the spec as ``${name}``."""
    plugins: tuple[str, ...] = ()
    """Python files with your own augmentations; paths are relative to the spec's folder."""
    data: DataSection
    """Source, split and preprocessing of the data."""
    augment: tuple[Augmentation, ...] = ()
    """Random changes of the training samples, in order, before ``data.preprocess``; those that
    change the network's inputs come last and run after it."""
    initializer: Initializer = XavierUniform()
    """Initial values of the weights of layers that do not set ``initializer`` themselves."""
    model: tuple[AnyLayer, ...] = Field(min_length=1)
    """Layers, from the input to the output."""
    loss: Loss
    """Loss function to minimize."""
    metrics: tuple[Metric, ...] = ()
    """Further scores to compute in every epoch."""
    optimizer: Optimizer = Adam()
    """Optimizer, which updates the weights."""
    schedule: Schedule = Constant()
    """Learning-rate schedule."""
    accumulate: PositiveInt = 1
    """Gradient accumulation: batches per update of the weights; equals one large batch."""
    penalty: Penalty | None = None
    """L1 and L2 regularization."""
    clip: Clip | None = None
    """Gradient clipping, after the penalty is added."""
    weight_decay: NonNegative | None = None
    """Decoupled weight decay, scaled by the learning rate; biases and norms do not decay. null: the
    optimizer's own setting."""
    average: Average | None = None
    """Weight averaging over steps or epochs; the averaged weights are scored and kept."""
    groups: tuple[Group, ...] = ()
    """Parameter groups with their own learning rate, weight decay or frozen weights."""
    early_stopping: EarlyStopping | None = None
    """When to stop before the last epoch; null: never."""
    on_divergence: OnDivergence | None = None
    """What to do after a NaN or infinite value; null: end the run."""
    checkpoint: Checkpointing = Checkpointing()
    """When to save checkpoints."""
    epochs: PositiveInt = 10
    """Maximum number of passes over the training set."""
    max_time: Duration | None = None
    """Save and stop after this time, e.g. 3h50m; the run can be resumed."""
    log: tuple[Logger, ...] = ()
    """Loggers, which send parameters, scores and result to other programs; they change no result.
    """

    def anchored(self, folder: Path) -> Experiment:
        """The same experiment with absolute paths.

        Args:
            folder: where relative paths start.
        """
        here = {
            "data": self.data.anchored(folder),
            "plugins": tuple(str((folder / file).absolute()) for file in self.plugins),
            "augment": tuple(each.anchored(folder) for each in self.augment),
            "log": tuple(each.anchored(folder) for each in self.log),
        }
        return self.model_copy(update=here)
