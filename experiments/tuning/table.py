"""All trainings of a grid, kept in a small file: scores, learning curves, correct predictions."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import dlrun
from dlrun.data.sources.digits import Digits
from dlrun.errors import DataError
from dlrun.search.space import Space
from dlrun.search.suggestion import identity
from dlrun.spec.document import Document
from dlrun.spec.nodes import plain
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.sweep import Sweep
from experiments.lab import Lab, Overrides

SWEEP = "digits-table.yaml"
_CLOSE = 0.02
"""Largest mean difference of accuracies to trainings of another machine. Other last bits lead to
other weights, but hardly to other accuracies."""


@dataclass(frozen=True)
class Table:
    """The trainings of a sweep of type grid.

    Attributes:
        space: of the sweep.
        settings: values by key of each trial, in the order of the grid.
        right: whether each held-out sample is classified correctly after the last epoch,
            (seeds, settings, samples).
        curves: held-out accuracy, (seeds, settings, epochs).
    """

    space: Space
    settings: Sequence[Mapping[str, Any]]
    right: NDArray[np.bool_]
    curves: NDArray[np.float64]

    @property
    def seeds(self) -> int:
        """How many trainings there are of each trial."""
        return len(self.right)

    @property
    def epochs(self) -> int:
        """Epochs of each training."""
        return self.curves.shape[2]

    @cached_property
    def accuracy(self) -> NDArray[np.float64]:
        """Held-out accuracy after the last epoch, (seeds, settings)."""
        return self.right.mean(axis=2)

    def row(self, setting: Mapping[str, Any]) -> int:
        """The index of a trial."""
        return self._rows[identity(setting)]

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {identity(setting): row for row, setting in enumerate(self.settings)}

    def main_effects(self) -> Mapping[str, float]:
        """How much each key matters on its own, the most important one first.

        The variance of the mean accuracy of each value of the key, over the total variance: the
        main effects of a functional ANOVA (Hutter, Hoos & Leyton-Brown, "An efficient approach for
        assessing hyperparameter importance", ICML 2014), exact, since all combinations are known.
        """
        mean = self.accuracy.mean(axis=0)
        shares = {}
        for key in self.space.keys:
            values = [identity(setting[key]) for setting in self.settings]
            groups = [mean[[each == one for each in values]].mean() for one in sorted(set(values))]
            shares[key] = float(np.var(groups) / np.var(mean))
        return dict(sorted(shares.items(), key=lambda each: -each[1]))


def table(lab: Lab) -> Table:
    """The table of the experiment's folder; without the file, everything is trained.

    Raises:
        DataError: the file is of another sweep.
    """
    path = lab.folder / "table.npz.xz"
    if not path.exists():
        made = train(lab, {})
        write(made, path, lab.folder / SWEEP)
    return read(path, lab.folder / SWEEP)


def train(lab: Lab, overrides: Overrides) -> Table:
    """Run the sweep, with some of its keys changed, and collect its trainings.

    Raises:
        DataError: predictions do not have the accuracy that was recorded in training.
    """
    study = lab.tune(SWEEP, overrides)
    space = read_plan(lab.folder / SWEEP, dict(overrides)).space
    settings = list(space.grid(0))
    images = Digits().load(0, Path())
    found: dict[tuple[int, str], tuple[NDArray[np.bool_], Sequence[float]]] = {}
    for each in lab.trained(study):
        if each.failed or each.path is None:  # a diverged network predicts nothing
            continue
        held_out = _validation_rows(each.path)
        answers = dlrun.Run(each.path).predict(images.inputs[held_out]).argmax(axis=1)
        right, curve = answers == images.targets[held_out], each.curves["validation.accuracy"]
        if abs(right.mean() - curve[-1]) > 0.5 / len(right):
            raise DataError(f"{each.path}: predictions are not those of the training")
        found[each.seed, identity(each.settings)] = right, curve
    samples = len(next(iter(found.values()))[0])
    epochs = max(len(curve) for _, curve in found.values())
    seeds = 1 + max(seed for seed, _ in found)
    right = np.zeros((seeds, len(settings), samples), bool)
    curves = np.zeros((seeds, len(settings), epochs))
    for seed in range(seeds):
        for row, setting in enumerate(settings):
            if (key := (seed, identity(setting))) in found:
                right[seed, row], curves[seed, row] = found[key]
    return Table(space, settings, right, curves)


def _validation_rows(run: Path) -> list[int]:
    lines = (run / "split.csv").read_text().split()[1:]
    return [int(row) for name, row in (line.split(",") for line in lines) if name == "validation"]


def write(made: Table, path: Path, sweep: Path) -> None:
    """Keep a table in a file."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        sweep=np.array(_identity(sweep)),
        # One sample after the other: whether it is difficult is nearly the same for all trainings.
        right=np.packbits(made.right.transpose(0, 2, 1), axis=2),
        curves=np.round(made.curves * made.right.shape[2]).astype(np.uint16),
        samples=np.array(made.right.shape[2]),
    )
    path.write_bytes(lzma.compress(buffer.getvalue(), preset=9))


def read(path: Path, sweep: Path) -> Table:
    """Read a table.

    Raises:
        DataError: it was made with another sweep.
    """
    space = read_plan(sweep).space
    settings = list(space.grid(0))
    content = io.BytesIO(lzma.decompress(path.read_bytes()))
    with np.load(content, allow_pickle=False) as file:
        if str(file["sweep"]) != _identity(sweep):
            raise DataError(f"{path} was made with another {sweep.name}; remove it to train again")
        samples = int(file["samples"])
        right = np.unpackbits(file["right"], axis=2, count=len(settings)).astype(bool)
        return Table(space, settings, right.transpose(0, 2, 1), file["curves"] / samples)


def _identity(sweep: Path) -> str:
    """A checksum of everything in a sweep except its comments."""
    content = plain(Document.open(sweep, Sweep, word="sweep").root)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def deviation(known: Table, again: Table) -> float:
    """The mean absolute difference of the accuracies of trainings that were repeated.

    Raises:
        DataError: it is too large, so the table does not show what this version trains.
    """
    rows = [known.row(setting) for setting in again.settings]
    found = float(np.abs(known.accuracy[: again.seeds, rows] - again.accuracy).mean())
    if found > _CLOSE:
        raise DataError(
            f"accuracies of repeated trainings differ from table.npz.xz by {found:.3f} on average; "
            "remove it to train all again"
        )
    return found
