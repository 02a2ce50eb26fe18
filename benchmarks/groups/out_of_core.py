"""Training on a file of 20 GB with 1 GB of memory."""

from __future__ import annotations

import csv
import sys
import tempfile
import zipfile
from io import FileIO
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from benchmarks import child
from benchmarks.measure import Settings
from benchmarks.report import Report, duration

_SIZE = 20 * 10**9
_MEMORY = 10**9
_FEATURES = 784
_CHUNK = 4096
"""Rows that are written at a time."""

_SPEC = """\
name: out-of-core
data:
  source: {npz: {path: huge.npz}}
  split: {validation: 0}
  batch_size: 4096
model: [dense: 64, relu, dense: 10]
loss: cross_entropy
epochs: 1
"""


def train(settings: Settings) -> Report:
    """An epoch of ``dlrun train`` on an .npz whose inputs are a hole in a sparse file.

    The operating system limits the memory of the process to 1 GB (RLIMIT_DATA), so the run either
    succeeds or fails with an error.  Pages of the mapped file are in the system's cache and are not
    counted.  The inputs are zeros, so nothing is learned; the work is to read them.
    """
    columns = ("data", "epoch", "read a second", "own memory", "resident at most")
    report = Report("out-of-core/npz", columns)
    rows = _SIZE // (4 * _FEATURES) // (10 if settings.quick else 1)
    size = rows * 4 * _FEATURES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "huge.npz", rows)
        (folder / "spec.yaml").write_text(_SPEC)
        command = [
            *(sys.executable, "-m", "dlrun", "train", "spec.yaml"),
            *("--runs", "runs", "--quiet"),
        ]
        end = child.run(command, folder, own_memory=_MEMORY)
        if end.code:
            report.rows.append((f"{size / 1e9:.0f} GB", "-"))
            report.notes.append(f"cannot run: exit code {end.code}: {end.complaint}")
            report.data.append({"bytes": size, "code": end.code, "complaint": end.complaint})
            return report
        with next((folder / "runs").rglob("metrics.csv")).open() as file:
            seconds = float(next(csv.DictReader(file))["seconds"])
    report.rows.append(
        (
            f"{size / 1e9:.0f} GB",
            duration(seconds),
            f"{size / seconds / 1e9:.2f} GB",
            f"below {_MEMORY / 1e9:.0f} GB",
            f"{end.peak_memory / 1e9:.2f} GB",
        )
    )
    report.data.append(
        {
            "bytes": size,
            "seconds": seconds,
            "process_seconds": end.seconds,
            "own_memory_limit": _MEMORY,
            "resident": end.peak_memory,
        }
    )
    return report


class _Sparse(FileIO):
    """A file in which blocks of zeros become holes."""

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Write the bytes, or skip them if they are zeros."""
        if len(data) < 4096 or np.frombuffer(data, np.uint8).any():
            return super().write(data)
        self.seek(len(data), 1)
        return len(data)


def _write(path: Path, rows: int) -> None:
    """An archive of x, (rows, features) float32 zeros, and y, (rows,) classes."""
    zeros = bytes(_CHUNK * _FEATURES * 4)
    with _Sparse(path, "w+") as file, zipfile.ZipFile(file, "w") as archive:
        with archive.open("x.npy", "w", force_zip64=True) as member:
            _header(member, np.dtype(np.float32), (rows, _FEATURES))
            for start in range(0, rows, _CHUNK):
                member.write(zeros[: min(_CHUNK, rows - start) * _FEATURES * 4])
        with archive.open("y.npy", "w", force_zip64=True) as member:
            npy.write_array(member, np.arange(rows, dtype=np.int64) % 10)


def _header(file: IO[bytes], dtype: np.dtype[np.float32], shape: tuple[int, int]) -> None:
    header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(file, header)
