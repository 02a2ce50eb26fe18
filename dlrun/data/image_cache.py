"""Decoded images, kept in a file that the next training reads in the place of them all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from dlrun import caches
from dlrun.arrays import Array, Shape
from dlrun.data.array_file import StoredArray, find_array
from dlrun.data.image_file import Form, ImageError, guarded, read_image
from dlrun.errors import DataError

_VERSION = 1
"""Of what is kept; another one is not read."""
_TASK = 32
"""Files that a thread reads at a time."""


@dataclass(frozen=True, slots=True)
class ImageFile:
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
    """Pixels of files.

    Attributes:
        pixels: (files, height, width, channels) uint8; zeros for a file that cannot be used.
        faults: what is wrong with files, by their number.
    """

    pixels: Array | StoredArray
    faults: dict[int, str]


def decode(files: Sequence[ImageFile], form: Form, *, skip: bool) -> Decoded:
    """Read images on all processors, or what was kept of the same ones.

    Args:
        files: at least one.
        form: what they are brought to.
        skip: go on where a file cannot be used.

    Raises:
        DataError: a file cannot be used, the first of the list; or, without a size in ``form``,
            the images differ in size.
    """
    kept = _kept(files, form)
    found = None if kept is None else _restored(kept)
    if found is None:
        found = _decoded(files, form, kept, skip=skip)
    if found.faults and not skip:
        number, what = min(found.faults.items())
        raise DataError(f"{files[number].name}: {what}")
    return found


def _kept(files: Sequence[ImageFile], form: Form) -> Path | None:
    """The file that keeps these images in this form: its name is a digest of all that counts."""
    folder = caches.folder("images")
    if folder is None:
        return None
    digest = hashlib.sha256(repr((_VERSION, form)).encode())
    for file in files:
        digest.update(
            f"{file.path}\0{file.size}\0{file.changed}\n".encode(errors="surrogateescape")
        )
    return folder / f"{digest.hexdigest()[:32]}.npy"


def _restored(kept: Path) -> Decoded | None:
    """What was kept; None where nothing was, or it is broken."""
    try:
        faults = json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))
        with kept.open("rb") as file:
            stored = find_array(file, kept, str(kept), "images", os.fstat(file.fileno()).st_size)
        pixels = stored if stored.large else stored.in_memory()
        return Decoded(pixels, {int(number): what for number, what in faults.items()})
    except (OSError, ValueError, AttributeError, DataError):
        return None


def _decoded(files: Sequence[ImageFile], form: Form, kept: Path | None, *, skip: bool) -> Decoded:
    with guarded():
        sample = _sample_shape(files, form)
        pixels, temporary = _room((len(files), *sample), kept)
        faults: dict[int, str] = {}
        try:
            for number, what in _read_all(files, form, pixels):
                faults[number] = what
                if not skip:
                    break
            if temporary is None or kept is None or (faults and not skip):
                return Decoded(pixels, faults)
            if isinstance(pixels, np.memmap):
                pixels.flush()  # a file of zeros behind a power failure would be black images
            kept.with_suffix(".json").write_text(json.dumps(faults), encoding="utf-8")
            temporary.replace(kept)
        except OSError as error:
            raise DataError(f"{kept}: decoded images cannot be kept: {error.strerror}") from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
    return _restored(kept) or Decoded(pixels, faults)


def _room(shape: Shape, kept: Path | None) -> tuple[Array, Path | None]:
    """An array in a file that will take its name later, or in memory where none can be made."""
    if kept is not None:
        temporary = kept.with_name(f".{secrets.token_hex(8)}.tmp")
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            return open_memmap(temporary, "w+", np.uint8, shape), temporary
    return np.zeros(shape, np.uint8), None


def _sample_shape(files: Sequence[ImageFile], form: Form) -> Shape:
    """Of all images: the one asked for, or that of the first which can be used."""
    if form.size is not None:
        return (*form.size, form.channels)
    fault = ""
    for file in files:
        try:
            return read_image(file.path, form).shape
        except ImageError as found:
            fault = fault or f"{file.name}: {found}"
    raise DataError(fault)


def _read_all(files: Sequence[ImageFile], form: Form, pixels: Array) -> Iterator[tuple[int, str]]:
    """Fill ``pixels``; yields number and fault of files that cannot be used, in order."""

    def read(start: int) -> list[tuple[int, str]]:
        faults = []
        for number in range(start, min(start + _TASK, len(files))):
            try:
                found = read_image(files[number].path, form)
                if found.shape != pixels.shape[1:]:
                    raise ImageError(
                        f"{_size(found.shape)} pixels, others have {_size(pixels.shape[1:])}; give "
                        "data.source a size"
                    )
                pixels[number] = found
            except ImageError as fault:
                faults.append((number, str(fault)))
        return faults

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        try:
            for faults in pool.map(read, range(0, len(files), _TASK)):
                yield from faults
        finally:
            pool.shutdown(cancel_futures=True)


def _size(shape: Shape) -> str:
    return f"{shape[1]} x {shape[0]}"
