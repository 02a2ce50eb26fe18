"""Files of samples, decoded by several threads unless a decoded copy is in the cache."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlrun import variables
from dlrun.arrays import Array, Shape
from dlrun.data.files.decoded_cache import DamagedError, Decoded, Entry, entry_of
from dlrun.data.files.form import FileError, Form
from dlrun.data.files.identities import identities, unchanged
from dlrun.data.files.room_for_samples import room_for
from dlrun.data.files.source_file import SourceFile
from dlrun.errors import DataError

_TASK = 32
"""Files that a thread reads at a time."""
_VALUES = 1 << 22
"""Values of a block of samples: 16 MiB of float32."""


def decode(
    files: Sequence[SourceFile], form: Form, *, skip: bool, shape: Shape | None = None
) -> Decoded:
    """Decode files with several threads, or read their decoded copy from the cache.

    Args:
        files: at least one.
        form: what they are decoded to.
        skip: continue after a file that cannot be used.
        shape: of a sample, if it is known; None is that of ``sample_shape``.

    Raises:
        DataError: a file cannot be used (the first one is named), or has another shape than the
            first if ``form`` has no shape.
    """
    known = identities(files)
    entry, note = entry_of(form, known, shape)
    found = None
    if entry is not None:
        try:
            found = entry.restored()
        except DamagedError as error:
            note = f"{error}; the {form.name} were decoded again"
    if found is None:
        found = _decoded(files, form, known, entry, shape, skip=skip)
    _need_all(files, found, skip=skip)
    return replace(found, notes=(note, *found.notes) if note else found.notes)


def decode_blocks(
    files: Sequence[SourceFile], form: Form, shape: Shape, *, skip: bool
) -> Iterator[tuple[int, Decoded]]:
    """The samples of ``decode`` in blocks, so that they need not fit in memory.

    Args:
        files: as for ``decode``.
        form: as for ``decode``.
        shape: of a sample, the result of ``sample_shape``.
        skip: as for ``decode``.

    Returns:
        The index of the first file of each block, and its samples.

    Raises:
        DataError: as ``decode``, but blocks before the faulty file are returned first.
    """
    if (whole := _kept(files, form)) is not None:
        _need_all(files, whole, skip=skip)
        yield 0, whole
        return
    count = max(_TASK * variables.threads(), _VALUES // max(1, math.prod(shape)))
    for start in range(0, len(files), count):
        yield start, decode(files[start : start + count], form, skip=skip, shape=shape)


def _kept(files: Sequence[SourceFile], form: Form) -> Decoded | None:
    """The copy of all files in the cache, which stays in its file; None if there is none."""
    entry, _ = entry_of(form, identities(files))
    try:
        return None if entry is None else entry.restored(stays=True)
    except DamagedError:
        return None  # the files are decoded again


def _need_all(files: Sequence[SourceFile], found: Decoded, *, skip: bool) -> None:
    if found.errors and not skip:
        number, what = min(found.errors.items())
        raise DataError(f"{files[number].name}: {what}")


def _decoded(
    files: Sequence[SourceFile],
    form: Form,
    known: Sequence[str],
    entry: Entry | None,
    shape: Shape | None,
    *,
    skip: bool,
) -> Decoded:
    with form.guarded():
        sample = shape or _first_shape(files, form)
        samples, temporary = _room_for(len(files), sample, form, entry)
        errors: dict[int, str] = {}
        try:
            for number, what in _read_all(files, form, samples):
                errors[number] = what
                if not skip:
                    break
            if temporary is None or entry is None or (errors and not skip):
                return Decoded(samples, errors)
            if not unchanged(files, known):
                return Decoded(samples, errors)  # they may be of the files before the change
            if isinstance(samples, np.memmap):
                samples.flush()  # else a power failure could leave a file of zeros
            entry.keep(temporary, errors)
            return entry.restored() or Decoded(samples, errors)
        except (OSError, DamagedError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            where = "" if entry is None else f"{entry.array.parent}: "
            note = f"{where}decoded {form.name} cannot be kept: {reason}"
            return Decoded(samples, errors, (note,))
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)


def _room_for(
    count: int, shape: Shape, form: Form, entry: Entry | None
) -> tuple[Array, Path | None]:
    """Room for all samples.

    Raises:
        DataError: neither the disk nor the memory has enough.
    """
    try:
        return room_for((count, *shape), form.dtype, entry)
    except (MemoryError, OverflowError, ValueError) as error:  # more than any machine can count
        size = count * math.prod(shape) * form.dtype.itemsize / 2**30
        what = f"{count:,} {form.name} of {math.prod(shape):,} values need {size:,.3g} GiB"
        remedy = "set" if form.shape is None else "lower"
        raise DataError(f"{what} of disk or memory; {remedy} data.source.{form.key}") from error


def sample_shape(files: Sequence[SourceFile], form: Form) -> Shape:
    """The requested shape of a sample, or that of the first file that can be used.

    Raises:
        DataError: no file can be used; the first one is named.
    """
    with form.guarded():
        return _first_shape(files, form)


def _first_shape(files: Sequence[SourceFile], form: Form) -> Shape:
    if form.shape is not None:
        return form.shape
    message = ""
    for file in files:
        try:
            return form.read(file.path).shape
        except FileError as error:
            message = message or f"{file.name}: {_reason(file.path, error)}"
    raise DataError(message)


def _reason(path: Path, error: FileError) -> str:
    """Why a file cannot be used, and what to do if it is a link to nothing."""
    if path.is_symlink() and not path.exists():
        return "a link to a file that does not exist; correct or remove the link"
    return str(error)


def _read_all(files: Sequence[SourceFile], form: Form, samples: Array) -> Iterator[tuple[int, str]]:
    """Fill ``samples``; yield index and error of files that cannot be used, in order."""

    def read(start: int) -> list[tuple[int, str]]:
        errors = []
        for number in range(start, min(start + _TASK, len(files))):
            try:
                sample = form.read(files[number].path)
                if sample.shape != samples.shape[1:]:
                    raise FileError(form.differs(sample.shape, samples.shape[1:]))
                samples[number] = sample
            except FileError as error:
                errors.append((number, _reason(files[number].path, error)))
        return errors

    with ThreadPoolExecutor(variables.threads()) as pool:
        try:
            for errors in pool.map(read, range(0, len(files), _TASK)):
                yield from errors
        finally:
            pool.shutdown(cancel_futures=True)
