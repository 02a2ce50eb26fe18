"""Scaling of the targets of a regression, fitted on the training set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.moments import moments_of, need_statistics
from dlrun.data.real_steps import RealSteps, targets_of
from dlrun.data.samples import Samples
from dlrun.errors import DataError

Kind = Literal["standardize", "log"]


@dataclass(frozen=True, slots=True)
class TargetScaling:
    """Maps targets to what the network learns, and back.

    Attributes:
        kind: ``standardize``, (y - shift) / scale, or ``log``, the natural logarithm.
        shift: (last axis of the targets,) float64; empty for ``log``.
        scale: as ``shift``, never 0.
    """

    kind: Kind
    shift: Array
    scale: Array

    @classmethod
    def fit(cls, kind: Kind, train: Dataset, real: RealSteps | None = None) -> Self:
        """The scaling for a training set: mean and standard deviation for each output.

        Args:
            kind: of the scaling.
            train: the training set.
            real: its real steps, to which the statistics are restricted; None uses all targets.

        Raises:
            DataError: the targets are not real values.
        """
        if train.task != "regression":
            raise DataError("target_scaling needs the targets of a regression; set it to null")
        if kind == "log":
            return cls(kind, np.empty(0), np.empty(0))
        statistics = moments_of(targets_of(train.targets, real), train.targets.shape[-1])
        return cls(kind, statistics.mean, np.where(statistics.std == 0, 1.0, statistics.std))

    @classmethod
    def restore(cls, kind: Kind, state: Mapping[str, Array]) -> Self:
        """The scaling from the result of ``state``.

        Raises:
            KeyError: the state is not of such a scaling.
            ValueError: no targets have such statistics.
        """
        need_statistics(state["shift"], state["scale"])
        return cls(kind, state["shift"], state["scale"])

    def state(self) -> dict[str, Array]:
        """The fitted values, as arrays."""
        return {"shift": self.shift, "scale": self.scale}

    def scaled(self, targets: Array) -> Array:
        """(n, ...) targets as the network learns them, float64."""
        if self.kind == "log":
            return np.asarray(np.log(targets, dtype=np.float64))
        return np.asarray((targets - self.shift) / self.scale)

    def restored(self, outputs: Array) -> Array:
        """(n, ...) outputs of the network in the units of the targets, in the dtype of outputs."""
        with np.errstate(over="ignore"):  # infinite, beyond the largest float
            if self.kind == "log":
                values = np.exp(outputs, dtype=np.float64)
            else:
                values = outputs * self.scale + self.shift
            return values.astype(outputs.dtype)

    def need_domain(self, targets: Samples, name: str, real: RealSteps | None = None) -> None:
        """Check that all targets of a set can be scaled.

        Args:
            targets: (n, ...).
            name: of the set, in messages.
            real: the real steps of the set, to which the check is restricted; None checks all
                targets.

        Raises:
            DataError: ``log`` gets a target that is not above 0.
        """
        if self.kind != "log":
            return
        for block in targets_of(targets, real):
            if not (block > 0).all():
                bad = float(block[~(block > 0)][0])
                raise DataError(
                    f"target_scaling: log needs targets above 0, but the {name} has {bad:g}; use "
                    "standardize, or add a constant in the data"
                )
