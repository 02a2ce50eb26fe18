"""The form that files of samples are decoded to."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np

from dlrun.arrays import Array, Shape


class FileError(Exception):
    """A file cannot be used; the message gives the reason without the name of the file."""


class Form(Protocol):
    """What files are decoded to; ``repr`` identifies it among all forms of its kind."""

    @property
    def name(self) -> str:
        """The name of such files, e.g. ``images``."""

    @property
    def decoders(self) -> tuple[str, ...]:
        """The installed packages whose versions determine the result of decoding."""

    @property
    def key(self) -> str:
        """The key of the source that sets the shape."""

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of the values."""

    @property
    def shape(self) -> Shape | None:
        """Shape of all samples; None keeps the shape of the files."""

    def guarded(self) -> AbstractContextManager[None]:
        """The context in which several threads read files."""

    def read(self, path: Path) -> Array:
        """Read a file.

        Raises:
            FileError: it cannot be used.
        """

    def differs(self, shape: Shape, others: Shape) -> str:
        """The message for a sample with another shape than the first one."""
