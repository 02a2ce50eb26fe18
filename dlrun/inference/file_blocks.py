"""The samples of a file, divided again into the blocks that are scored."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.inference.scores import rows_of_a_block

_VALUES = 1 << 20
"""Values of samples that are preprocessed at a time: 4 MiB of float32."""


def parts_of(blocks: Iterator[Dataset], notes: dict[str, None]) -> Iterator[Dataset]:
    """A few samples at a time, in memory; the notes of the blocks are added to ``notes``."""
    for block in blocks:
        notes.update(dict.fromkeys(block.notes))
        count = max(1, _VALUES // max(1, math.prod(block.sample_shape)))
        for start in range(0, len(block), count):
            some = slice(start, start + count)
            inputs, targets = np.asarray(block.inputs[some]), np.asarray(block.targets[some])
            yield replace(block, inputs=inputs, targets=targets, side_columns={}, names=None)


def in_blocks(parts: Iterator[Dataset]) -> Iterator[tuple[Array, Array]]:
    """Inputs and targets in blocks that do not depend on how the file is read."""
    inputs: list[Array] = []
    targets: list[Array] = []
    rows = waiting = 0
    for part in parts:
        rows = rows_of_a_block(part)
        inputs.append(np.asarray(part.inputs))
        targets.append(np.asarray(part.targets))
        waiting += len(part)
        if waiting < rows:
            continue
        x, y = np.concatenate(inputs), np.concatenate(targets)
        whole = waiting // rows * rows
        for start in range(0, whole, rows):
            yield x[start : start + rows], y[start : start + rows]
        inputs, targets, waiting = [x[whole:]], [y[whole:]], waiting - whole
    if waiting:
        yield np.concatenate(inputs), np.concatenate(targets)
