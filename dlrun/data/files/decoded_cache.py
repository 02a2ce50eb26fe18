"""Decoded files, kept in one file that the next training reads instead of all of them.

The key of a cache entry is a checksum of everything that determines its content: paths, states and,
in doubt, the content of the files, the form, and the versions of the decoders.  An entry is read
only if its checksum matches, which takes 0.06 s for 100 MB, and if no other user can write it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dlrun import caches, portable
from dlrun.arrays import Array, Shape
from dlrun.data.files.array_file import StoredArray, find_array
from dlrun.data.files.form import Form
from dlrun.errors import DataError
from dlrun.files import open_regular, read_bytes

_VERSION = 2
"""Version of the entries; others are not read."""
_BLOCK = 1 << 20
"""Bytes that are hashed at a time."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Samples of files.

    Attributes:
        samples: (files, *sample shape); zeros for a file that cannot be used.
        errors: why files cannot be used, by their index.
        notes: remarks for the user on the cache, one line each.
    """

    samples: Array | StoredArray
    errors: dict[int, str]
    notes: tuple[str, ...] = ()


class DamagedError(Exception):
    """A cache entry is not what was written; the message names the file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cache entry: the decoded samples of some files, and a manifest that identifies them.

    Attributes:
        array: the file of samples; its name is the start of ``key``.
        key: a checksum of everything that determines the samples.
        what: the name of the samples in messages.
    """

    array: Path
    key: str
    what: str

    @property
    def manifest(self) -> Path:
        """A JSON file with the errors of files and a checksum of errors, key and samples."""
        return self.array.with_suffix(".json")

    def restored(self, *, stays: bool = False) -> Decoded | None:
        """The cached samples; None if there are none.

        Args:
            stays: whether all samples stay in their file, not only large ones.

        Raises:
            DamagedError: they are not what was written, or another user could have written them.
        """
        try:
            for path in (self.array, self.manifest):
                if (step := caches.stranger(path)) is not None:
                    raise DamagedError(f"{step}: another user could have written it")
            manifest = json.loads(read_bytes(self.manifest, follow=False))
            errors = {int(number): str(what) for number, what in manifest["faults"].items()}
            with open_regular(self.array, follow=False) as file:
                end = os.fstat(file.fileno()).st_size
                stored = find_array(file, self.array, str(self.array), self.what, end)
                file.seek(0)
                content = None if stays or stored.large else file.read()
                held: BinaryIO = file if content is None else io.BytesIO(content)
                if self._checksum(errors, held) != manifest["sha256"]:
                    raise ValueError("checksum")
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
        ) as error:
            raise DamagedError(f"{self.array}: is damaged") from error
        if content is None:
            return Decoded(stored, errors)
        flat = np.frombuffer(content, stored.dtype, offset=stored.offset)
        return Decoded(flat.reshape(stored.shape, order="F" if stored.fortran else "C"), errors)

    def keep(self, temporary: Path, errors: Mapping[int, str]) -> None:
        """Turn a file of samples into this entry.

        Raises:
            OSError: it cannot be written.
        """
        with open_regular(temporary, follow=False) as file:
            checksum = self._checksum(errors, file)
        temporary.replace(self.array)
        written = temporary.with_suffix(".new")
        try:
            written.write_text(json.dumps({"sha256": checksum, "faults": errors}), encoding="utf-8")
            written.replace(self.manifest)
        finally:
            written.unlink(missing_ok=True)

    def _checksum(self, errors: Mapping[int, str], file: BinaryIO) -> str:
        """SHA-256 of key, errors and the rest of a file, in hex."""
        digest = hashlib.sha256(repr((self.key, sorted(errors.items()))).encode())
        while block := file.read(_BLOCK):
            digest.update(block)
        return digest.hexdigest()


def entry_of(
    form: Form, known: Sequence[str], shape: Shape | None = None
) -> tuple[Entry | None, str]:
    """The entry for files with these identities in this form; else None and the reason.

    Args:
        form: of the samples.
        known: the identities.
        shape: of a sample, if it does not follow from the form and the files.
    """
    folder = caches.folder(form.name)
    if folder is None:
        return None, ""
    made_by = [(each, _version(each)) for each in form.decoders]
    by = ("portable",) if portable.in_force() else ()  # resampling rounds
    digest = hashlib.sha256(repr((_VERSION, made_by, form, *(shape or ()), *by)).encode())
    for each in known:
        digest.update(f"{each}\n".encode())
    key = digest.hexdigest()
    try:
        caches.make(folder)
        if (step := caches.stranger(folder)) is not None:
            return None, (
                f"{step}: other users can write here, so decoded {form.name} are neither kept nor "
                f"read; remove their write permission, or set DLRUN_CACHE"
            )
    except OSError:
        return None, ""
    return Entry(folder / f"{key[:32]}.npy", key, form.name), ""


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # decoding raises the error
        return None
