"""What runs and studies have in common: a directory."""

from __future__ import annotations

import time
from pathlib import Path

from dlrun.collection.size import size_on_disk
from dlrun.run_directory import identity


class InDirectory:
    """A run or a study as a path, with its age and size; the classes have these fields.

    Attributes:
        directory: its path.
        created: when it began, seconds since 1970; None if unknown.
    """

    __slots__ = ()

    directory: str
    created: float | None

    def __fspath__(self) -> str:
        """Its directory, so that an entry can be passed wherever a path can."""
        return self.directory

    @property
    def path(self) -> Path:
        """Its directory."""
        return Path(self.directory)

    @property
    def order(self) -> tuple[float, str, int]:
        """What entries are sorted by, the oldest first.

        Times have whole seconds; IDs and the numbers of folds also sort those of one second.
        """
        path = Path(self.directory)
        fold = getattr(self, "fold", None)
        name = path.name if fold is None else path.parent.name
        return self.created or 0.0, identity.id_in(name), fold or 0

    @property
    def age(self) -> float | None:
        """Seconds since it began."""
        return None if self.created is None else time.time() - self.created

    @property
    def size(self) -> int:
        """Bytes of all its files, counted at each call."""
        return size_on_disk(self.directory)
