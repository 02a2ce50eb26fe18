"""What lies in folders of samples and is not read, so that it can be said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LISTED = 3
"""Names of files that are listed."""
_NEVER = frozenset((".DS_Store", ".localized", "Thumbs.db", "desktop.ini"))
"""Files that systems leave in folders."""


@dataclass(slots=True)
class Unread:
    """Files and folders that a source passes over.

    Attributes:
        files: names of files with endings that are not read, each with the folders it lies in.
        hidden: how many names begin with a dot.
        outside: names of files beside the folders of the classes, which belong to none.
        empty: names of folders of no class, since there are no samples in them.
    """

    files: list[str] = field(default_factory=list)
    hidden: int = 0
    outside: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def passes(self, name: str) -> bool:
        """Whether a file or folder of this name is passed over, and counted, because of its dot."""
        if name.startswith(".") and name not in _NEVER and not name.startswith("._"):
            self.hidden += 1
        return name.startswith(".") or name in _NEVER

    def note(self, shown: str, what: str) -> tuple[str, ...]:
        """A line on all of it; none where there is nothing.

        Args:
            shown: what messages call the folder.
            what: what messages call its samples.
        """
        said = []
        if self.files:
            endings = Counter(Path(each).suffix.lower() for each in self.files)
            kinds = ", ".join(
                f"{ending or 'none'} {count}" for ending, count in sorted(endings.items())
            )
            said.append(f"files with other endings ({kinds}): {_listed(self.files)}")
        if self.outside:
            said.append(f"files that are in no class's folder: {_listed(self.outside)}")
        if self.hidden:
            said.append(f"hidden ones: {self.hidden}")
        if self.empty:
            said.append(f"folders without {what}, which are no classes: {_listed(self.empty)}")
        return (f"{shown}: not read: {'; '.join(said)}",) if said else ()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"
