"""Decoded files, kept in one file that the next training reads instead of them all.

What is kept is found by a digest of all that decides its content: paths, states and, in doubt, the
content of the files, the form, and the versions of the decoders.  It is read only with a digest
that fits, which takes 0.06 s for 100 MB, and where no other user can write.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.lib.format import open_memmap

from dlrun import caches, variables
from dlrun.arrays import Array, Shape
from dlrun.data.array_file import StoredArray, find_array
from dlrun.data.source_file import SourceFile, identities, unchanged
from dlrun.errors import DataError
from dlrun.files import open_regular, read_bytes

_VERSION = 2
"""Of what is kept; another one is not read."""
_BLOCK = 1 << 20
"""Bytes that a digest takes in at a time."""
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
    def decoders(self) -> tuple[str, ...]:
        """The installed packages that decide what is read from a file."""

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
class Decoded:
    """Samples of files.

    Attributes:
        samples: (files, *sample shape); zeros for a file that cannot be used.
        faults: what is wrong with files, by their number.
        notes: what the user should know of where they are kept, a line each.
    """

    samples: Array | StoredArray
    faults: dict[int, str]
    notes: tuple[str, ...] = ()


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
    known = identities(files)
    place, note = _place(form, known)
    found = None
    if place is not None:
        try:
            found = place.restored()
        except _DamagedError as fault:
            note = f"{fault}; the {form.name} were decoded again"
    if found is None:
        found = _decoded(files, form, known, place, skip=skip)
    if found.faults and not skip:
        number, what = min(found.faults.items())
        raise DataError(f"{files[number].name}: {what}")
    return replace(found, notes=(note, *found.notes) if note else found.notes)


class _DamagedError(Exception):
    """What was kept is no longer what was written; the text names the file."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the samples of some files are kept, and beside them what proves that they are those.

    Attributes:
        array: the file of samples; its name is the start of ``key``.
        key: a digest of all that decides what the samples are.
        what: they are called in messages.
    """

    array: Path
    key: str
    what: str

    @property
    def manifest(self) -> Path:
        """Files that cannot be used, and a digest of these, the key and the array's file."""
        return self.array.with_suffix(".json")

    def restored(self) -> Decoded | None:
        """What was kept; None where nothing was.

        Raises:
            _DamagedError: it is not what was written, or another user could have written it.
        """
        try:
            for path in (self.array, self.manifest):
                if (step := caches.stranger(path)) is not None:
                    raise _DamagedError(f"{step}: another user could have written it")
            manifest = json.loads(read_bytes(self.manifest, follow=False))
            faults = {int(number): str(what) for number, what in manifest["faults"].items()}
            with open_regular(self.array, follow=False) as file:
                end = os.fstat(file.fileno()).st_size
                stored = find_array(file, self.array, str(self.array), self.what, end)
                file.seek(0)
                content = None if stored.large else file.read()
                held: BinaryIO = file if content is None else io.BytesIO(content)
                if self._digest(faults, held) != manifest["sha256"]:
                    raise ValueError("digest")
        except FileNotFoundError:
            return None
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            DataError,
            RecursionError,
        ) as fault:
            raise _DamagedError(f"{self.array}: is damaged") from fault
        if content is None:
            return Decoded(stored, faults)
        flat = np.frombuffer(content, stored.dtype, offset=stored.offset)
        return Decoded(flat.reshape(stored.shape, order="F" if stored.fortran else "C"), faults)

    def keep(self, temporary: Path, faults: Mapping[int, str]) -> None:
        """Keep a file of samples.

        Raises:
            OSError: it cannot be written.
        """
        with open_regular(temporary, follow=False) as file:
            digest = self._digest(faults, file)
        temporary.replace(self.array)
        written = temporary.with_suffix(".new")
        try:
            written.write_text(json.dumps({"sha256": digest, "faults": faults}), encoding="utf-8")
            written.replace(self.manifest)
        finally:
            written.unlink(missing_ok=True)

    def _digest(self, faults: Mapping[int, str], file: BinaryIO) -> str:
        """SHA-256 of key, faults and the rest of a file, in hex."""
        digest = hashlib.sha256(repr((self.key, sorted(faults.items()))).encode())
        while block := file.read(_BLOCK):
            digest.update(block)
        return digest.hexdigest()


def _place(form: Form, known: Sequence[str]) -> tuple[_Place | None, str]:
    """Where files of these identities are kept in this form; None, and why, for nowhere."""
    folder = caches.folder(form.name)
    if folder is None:
        return None, ""
    made_by = [(each, _version(each)) for each in form.decoders]
    digest = hashlib.sha256(repr((_VERSION, made_by, form)).encode())
    for each in known:
        digest.update(f"{each}\n".encode())
    key = digest.hexdigest()
    try:
        caches.make(folder)
        if (step := caches.stranger(folder)) is not None:
            return None, (
                f"{step}: other users can write there, so decoded {form.name} are neither kept nor "
                f"read; let only you write there, or set DLRUN_CACHE"
            )
    except OSError:
        return None, ""
    return _Place(folder / f"{key[:32]}.npy", key, form.name), ""


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # who needs it says so
        return None


def _decoded(
    files: Sequence[SourceFile],
    form: Form,
    known: Sequence[str],
    place: _Place | None,
    *,
    skip: bool,
) -> Decoded:
    with form.guarded():
        sample = _sample_shape(files, form)
        samples, temporary = _room((len(files), *sample), form.dtype, place)
        faults: dict[int, str] = {}
        try:
            for number, what in _read_all(files, form, samples):
                faults[number] = what
                if not skip:
                    break
            if temporary is None or place is None or (faults and not skip):
                return Decoded(samples, faults)
            if not unchanged(files, known):
                return Decoded(samples, faults)  # nobody knows of which content they are
            if isinstance(samples, np.memmap):
                samples.flush()  # or it might be a file of zeros after a power failure
            place.keep(temporary, faults)
            return place.restored() or Decoded(samples, faults)
        except (OSError, _DamagedError) as fault:
            said = getattr(fault, "strerror", None) or str(fault)
            where = "" if place is None else f"{place.array.parent}: "
            note = f"{where}decoded {form.name} cannot be kept: {said}"
            return Decoded(samples, faults, (note,))
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)


def _room(
    shape: Shape, dtype: np.dtype[np.generic], place: _Place | None
) -> tuple[Array, Path | None]:
    """An array in a file that will take its name later, or in memory where none can be made."""
    if place is not None:
        temporary = place.array.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            array = open_memmap(temporary, "w+", dtype, shape)
            with temporary.open("r+b") as file:  # or a full disk would kill who writes to the map
                _allocate(file, array.offset)
            return array, temporary
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    return np.zeros(shape, dtype), None


def _allocate(file: BinaryIO, start: int) -> None:
    """Let a file of zeros from ``start`` on have its space on the disk.

    Raises:
        OSError: there is none.
    """
    end = os.fstat(file.fileno()).st_size
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, end)
        return
    file.seek(start)  # macOS has no such thing
    while (left := end - file.tell()) > 0:
        file.write(bytes(min(left, _BLOCK)))


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
