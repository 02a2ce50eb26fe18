"""Samples of files that were decoded, with their targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.dataset import Dataset, Task
from dlrun.data.files.array_file import StoredArray
from dlrun.data.files.decode import decode, decode_blocks
from dlrun.data.files.decoded_cache import Decoded
from dlrun.data.files.form import Form
from dlrun.data.files.source_file import SourceFile
from dlrun.data.files.stored_rows import StoredRows
from dlrun.data.samples import Samples, take
from dlrun.data.side_columns import SideColumn
from dlrun.errors import DataError

_LISTED = 5
"""The maximum number of files that a note lists."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files with one sample each, and their targets.

    Attributes:
        shown: the name of the folder or table in messages.
        files: at least one.
        targets: (files, ...).
        classes: names of the classes; None if the targets are not classes.
        notes: remarks for the user on what is not read.
        side_columns: requested columns of the table.
    """

    shown: str
    files: Sequence[SourceFile]
    targets: Array
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    side_columns: Mapping[str, SideColumn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decoding:
    """How files become samples.

    Attributes:
        form: what files are decoded to.
        full_scale: divisor of the values of files; None leaves them unchanged.
        skip: whether files that cannot be used are left out.
        task: of the targets.
        rate: sampling rate of waveforms in Hz; None for other files.
    """

    form: Form
    full_scale: float | None
    skip: bool
    task: Task
    rate: int | None

    def dataset(self, files: Files) -> Dataset:
        """The samples of all files.

        Raises:
            DataError: a file cannot be used, or none of them.
        """
        decoded = decode(files.files, self.form, skip=self.skip)
        data = self._usable(files, 0, decoded)
        lines = self._on_left_out(files, data.left_out)
        return replace(data, notes=(*files.notes, *data.notes, *lines))

    def blocks(self, files: Files, shape: Shape) -> Iterator[Dataset]:
        """The samples of ``dataset`` in blocks; the notes are in a last block.

        Args:
            files: to read.
            shape: of a sample.

        Raises:
            DataError: as ``dataset``, but blocks before the faulty file are returned first.
        """
        notes, left_out = dict.fromkeys(files.notes), list[tuple[str, str]]()
        for start, decoded in decode_blocks(files.files, self.form, shape, skip=self.skip):
            data = self._usable(files, start, decoded)
            left_out += data.left_out
            notes |= dict.fromkeys(data.notes)
            if len(data):
                yield replace(data, notes=())
        notes |= dict.fromkeys(self._on_left_out(files, left_out))
        if notes:
            yield replace(data.take(np.arange(0)), notes=tuple(notes))

    def _usable(self, files: Files, start: int, decoded: Decoded) -> Dataset:
        """The samples of consecutive files from ``start``, without those with errors."""
        inputs: Samples
        if isinstance(decoded.samples, StoredArray):
            inputs = StoredRows(decoded.samples, decoded.samples.shape[1:], self.full_scale)
        else:
            inputs = decoded.samples.astype(np.float32)
            if self.full_scale is not None:
                inputs /= np.float32(self.full_scale)
        rows = np.delete(np.arange(len(inputs)), list(decoded.errors))
        if decoded.errors:
            inputs = take(inputs, rows)
        own = rows + start
        side_columns = files.side_columns
        if len(own) < len(files.files):
            side_columns = {name: each.take(own.tolist()) for name, each in side_columns.items()}
        return Dataset(
            inputs,
            files.targets[own],
            self.task,
            files.classes,
            rate=self.rate,
            notes=decoded.notes,
            side_columns=side_columns,
            left_out=tuple(
                (files.files[start + row].name, what)
                for row, what in sorted(decoded.errors.items())
            ),
            names=[files.files[row].name for row in own.tolist()],
        )

    def _on_left_out(self, files: Files, left_out: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """One line on the files that were left out; nothing if there are none.

        Raises:
            DataError: all of them were.
        """
        count, what = len(files.files), self.form.name
        if len(left_out) == count:
            raise DataError(f"{files.shown}: none of {count} {what} can be read")
        if not left_out:
            return ()
        listed = [f"{file} ({error})" for file, error in left_out[:_LISTED]]
        more = f" and {len(left_out) - _LISTED} more" if len(left_out) > _LISTED else ""
        return (
            f"{files.shown}: {len(left_out)} of {count} {what} left out: {', '.join(listed)}{more}",
        )
