"""Decoded files, kept in one file that the next training reads in the place of them all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.lib.format import open_memmap

from dlrun import caches, variables
from dlrun.arrays import Array, Shape
from dlrun.data.array_file import StoredArray, find_array
from dlrun.errors import DataError

_VERSION = 1
"""Of what is kept; another one is not read."""
_TASK = 32
"""Files that a thread reads at a time."""


class FileError(Exception):
    """A file cannot be used; the text says why, without naming the file."""


class Form(Protocol):
    """What files are brought to; its text, ``repr``, tells it from all others of its kind."""

    @property
    def name(self) -> str:
        """What such files are called: ``images``."""

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of the numbers."""

    @property
    def shape(self) -> Shape | None:
        """Shape of all samples; None leaves them the one that they have."""

    def guarded(self) -> AbstractContextManager[None]:
        """Within, files are read, on several threads."""

    def read(self, path: Path) -> Array:
        """Read a file.

        Raises:
            FileError: it cannot be used.
        """

    def differs(self, shape: Shape, others: Shape) -> str:
        """What is said of a sample of another shape than the first one has."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was when it was looked for.

    Attributes:
        path: of the file.
        name: what messages call it.
        size: bytes.
        changed: when it was changed last, in nanoseconds.
    """

    path: Path
    name: str
    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """Samples of files.

    Attributes:
        samples: (files, *sample shape); zeros for a file that cannot be used.
        faults: what is wrong with files, by their number.
    """

    samples: Array | StoredArray
    faults: dict[int, str]


def decode(files: Sequence[SourceFile], form: Form, *, skip: bool) -> Decoded:
    """Read files on all threads, or what was kept of the same ones.

    Args:
        files: at least one.
        form: what they are brought to.
        skip: go on where a file cannot be used.

    Raises:
        DataError: a file cannot be used, the first of the list; or, without a shape in ``form``,
            the files differ in shape.
    """
    kept = _kept(files, form)
    found = None if kept is None else _restored(kept, form)
    if found is None:
        found = _decoded(files, form, kept, skip=skip)
    if found.faults and not skip:
        number, what = min(found.faults.items())
        raise DataError(f"{files[number].name}: {what}")
    return found


def _kept(files: Sequence[SourceFile], form: Form) -> Path | None:
    """The file that keeps these files in this form: its name is a digest of all that counts."""
    folder = caches.folder(form.name)
    if folder is None:
        return None
    digest = hashlib.sha256(repr((_VERSION, form)).encode())
    for file in files:
        digest.update(
            f"{file.path}\0{file.size}\0{file.changed}\n".encode(errors="surrogateescape")
        )
    return folder / f"{digest.hexdigest()[:32]}.npy"


def _restored(kept: Path, form: Form) -> Decoded | None:
    """What was kept; None where nothing was, or it is broken."""
    try:
        faults = json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))
        with kept.open("rb") as file:
            stored = find_array(file, kept, str(kept), form.name, os.fstat(file.fileno()).st_size)
        samples = stored if stored.large else stored.in_memory()
        return Decoded(samples, {int(number): what for number, what in faults.items()})
    except (OSError, ValueError, AttributeError, DataError):
        return None


def _decoded(files: Sequence[SourceFile], form: Form, kept: Path | None, *, skip: bool) -> Decoded:
    with form.guarded():
        sample = _sample_shape(files, form)
        samples, temporary = _room((len(files), *sample), form.dtype, kept)
        faults: dict[int, str] = {}
        try:
            for number, what in _read_all(files, form, samples):
                faults[number] = what
                if not skip:
                    break
            if temporary is None or kept is None or (faults and not skip):
                return Decoded(samples, faults)
            if isinstance(samples, np.memmap):
                samples.flush()  # or it might be a file of zeros behind a power failure
            kept.with_suffix(".json").write_text(json.dumps(faults), encoding="utf-8")
            temporary.replace(kept)
        except OSError as error:
            raise DataError(
                f"{kept}: decoded {form.name} cannot be kept: {error.strerror}"
            ) from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
    return _restored(kept, form) or Decoded(samples, faults)


def _room(
    shape: Shape, dtype: np.dtype[np.generic], kept: Path | None
) -> tuple[Array, Path | None]:
    """An array in a file that will take its name later, or in memory where none can be made."""
    if kept is not None:
        temporary = kept.with_name(f".{secrets.token_hex(8)}.tmp")
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            return open_memmap(temporary, "w+", dtype, shape), temporary
    return np.zeros(shape, dtype), None


def _sample_shape(files: Sequence[SourceFile], form: Form) -> Shape:
    """Of all samples: the one asked for, or that of the first which can be used."""
    if form.shape is not None:
        return form.shape
    fault = ""
    for file in files:
        try:
            return form.read(file.path).shape
        except FileError as found:
            fault = fault or f"{file.name}: {found}"
    raise DataError(fault)


def _read_all(files: Sequence[SourceFile], form: Form, samples: Array) -> Iterator[tuple[int, str]]:
    """Fill ``samples``; yields number and fault of files that cannot be used, in order."""

    def read(start: int) -> list[tuple[int, str]]:
        faults = []
        for number in range(start, min(start + _TASK, len(files))):
            try:
                found = form.read(files[number].path)
                if found.shape != samples.shape[1:]:
                    raise FileError(form.differs(found.shape, samples.shape[1:]))
                samples[number] = found
            except FileError as fault:
                faults.append((number, str(fault)))
        return faults

    with ThreadPoolExecutor(variables.threads()) as pool:
        try:
            for faults in pool.map(read, range(0, len(files), _TASK)):
                yield from faults
        finally:
            pool.shutdown(cancel_futures=True)
