"""Tables of trainings: every setting of a grid was trained, so a search can look it up."""

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

from dlrun.errors import DataError
from dlrun.search.space import Space
from dlrun.search.suggestion import identity
from dlrun.spec.document import Document
from dlrun.spec.nodes import plain
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.sweep import Sweep

FOLDER = Path(__file__).parent / "tables"
NAMES = tuple(sorted(path.name.partition(".")[0] for path in FOLDER.glob("*.npz.xz")))


@dataclass(frozen=True)
class Table:
    """The trainings of a sweep of type grid.

    Attributes:
        space: of the sweep.
        curves: validation loss, (repeats, settings, epochs), in the order of the grid; NaN from
            the epoch in which a training diverged.
    """

    space: Space
    curves: NDArray[np.float32]

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """Smallest validation loss of each training, (repeats, settings); NaN if it diverged."""
        return self.curves.astype(np.float64).min(axis=2)  # NaN if one of them is

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """Mean loss of each setting over its repeats, (settings,); NaN if none of them ended.

        A repeat that diverged counts as the worst loss of the table.
        """
        worst = np.nanmax(self.losses)
        means = np.where(np.isnan(self.losses), worst, self.losses).mean(axis=0)
        return np.where(np.isnan(self.losses).all(axis=0), np.nan, means)

    def row(self, setting: Mapping[str, Any]) -> int:
        """The index of a setting."""
        return self._rows[identity(setting)]

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {identity(setting): row for row, setting in enumerate(self.settings)}

    @cached_property
    def settings(self) -> Sequence[Mapping[str, Any]]:
        """Values by key of each setting, in the order of the grid."""
        return list(self.space.grid(0))


def sweep_of(name: str) -> Path:
    """The sweep whose trainings a table contains."""
    return FOLDER / f"{name}.yaml"


def write(name: str, curves: NDArray[np.float32]) -> Path:
    """Keep the trainings of a sweep in a file, with five digits of each loss."""
    buffer = io.BytesIO()
    # Few bits of the mantissa differ from 0 after rounding, so that the file is small.
    rounded = (curves.view(np.uint32) & np.uint32(0xFFFFFF80)).view(np.float32)
    np.savez(buffer, sweep=np.array(_identity(sweep_of(name))), curves=rounded)
    path = FOLDER / f"{name}.npz.xz"
    path.write_bytes(lzma.compress(buffer.getvalue(), preset=9))
    return path


def read(name: str) -> Table:
    """The table of a sweep.

    Raises:
        DataError: it was made with another sweep.
    """
    path, sweep = FOLDER / f"{name}.npz.xz", sweep_of(name)
    with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as file:
        if str(file["sweep"]) != _identity(sweep):
            raise DataError(
                f"{path} was made with another {sweep.name}; "
                f"train it again: python -m benchmarks.search.make_table {name}"
            )
        return Table(read_plan(sweep).space, file["curves"])


def _identity(sweep: Path) -> str:
    """A checksum of everything in a sweep except its comments."""
    content = plain(Document.open(sweep, Sweep, word="sweep").root)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
