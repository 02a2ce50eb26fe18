"""An experiment: what a spec says, typed and frozen, with every default filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveInt

from dlrun.augment.augmentation import Augmentation
from dlrun.data.section import DataSection
from dlrun.nn.average import Average
from dlrun.nn.clip import Clip
from dlrun.nn.group import Group
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.xavier import XavierUniform
from dlrun.nn.layer import Layer
from dlrun.nn.loss import Loss
from dlrun.nn.metric import Metric
from dlrun.nn.optimizer import Optimizer
from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.penalty import Penalty
from dlrun.nn.schedule import Schedule
from dlrun.nn.schedules.constant import Constant
from dlrun.spec.component import Component
from dlrun.spec.fields import Duration, Name, NonNegative
from dlrun.training.checkpointing import Checkpointing
from dlrun.training.early_stopping import EarlyStopping
from dlrun.training.on_divergence import OnDivergence

Seed = Annotated[int, Field(ge=0, lt=2**63)]


class Experiment(Component):
    """One training, from data to final scores."""

    name: Name
    """What the run directories are filed under."""
    seed: Seed = 0
    """Every random draw of the run follows from it."""
    params: dict[str, Any] = Field(default_factory=dict)
    """Values that ``${name}`` puts elsewhere in the spec."""
    plugins: tuple[str, ...] = ()
    """Python files with augmentations of your own; relative paths start at the spec's folder."""
    data: DataSection
    """What to learn from."""
    augment: tuple[Augmentation, ...] = ()
    """Random changes of the training samples, in order, before ``data.preprocess``; those that
    are for what the network reads come last, behind it."""
    initializer: Initializer = XavierUniform()
    """First values of every kernel whose layer names no initializer of its own."""
    model: tuple[Layer, ...] = Field(min_length=1)
    """The layers, from the input to the output."""
    loss: Loss
    """What training makes small."""
    metrics: tuple[Metric, ...] = ()
    """Further scores of every epoch."""
    optimizer: Optimizer = Adam()
    """The rule that changes the weights."""
    schedule: Schedule = Constant()
    """How the learning rate changes over the run."""
    accumulate: PositiveInt = 1
    """Batches whose gradients make one step; their mean is that of one large batch."""
    penalty: Penalty | None = None
    """What large weights cost."""
    clip: Clip | None = None
    """How large gradients may be; penalties are in them."""
    weight_decay: NonNegative | None = None
    """The share of a weight that a step of rate 1 takes away, apart from its gradient; biases and
    norms do not decay; null is the optimizer's own."""
    average: Average | None = None
    """Weights of several steps or epochs, with which the network is scored and kept."""
    groups: tuple[Group, ...] = ()
    """Parameters that are trained in a way of their own."""
    early_stopping: EarlyStopping | None = None
    """When to stop before the last epoch."""
    on_divergence: OnDivergence | None = None
    """What to do where the numbers are no longer finite; null ends the run."""
    checkpoint: Checkpointing = Checkpointing()
    """When it is stored, to go on from there."""
    epochs: PositiveInt = 10
    """Passes over the training part, at most."""
    max_time: Duration | None = None
    """Store and stop after this time, as 3h50m; the run can go on."""

    def anchored(self, folder: Path) -> Experiment:
        """The same experiment for a spec that may lie anywhere.

        Args:
            folder: where relative paths start.
        """
        here = {
            "data": self.data.anchored(folder),
            "plugins": tuple(str((folder / file).absolute()) for file in self.plugins),
            "augment": tuple(each.anchored(folder) for each in self.augment),
        }
        return self.model_copy(update=here)
