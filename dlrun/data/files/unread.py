"""Files and folders that a source skips, so that they can be reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LISTED = 3
"""The maximum number of names in a list."""
_NEVER = frozenset((".DS_Store", ".localized", "Thumbs.db", "desktop.ini"))
"""Files that operating systems leave in folders."""


@dataclass(slots=True)
class Unread:
    """Files and folders that a source skips.

    Attributes:
        files: paths of files with endings that are not read.
        hidden: number of names that begin with a dot.
        outside: names of files next to the folders of classes, which therefore have no class.
        empty: names of folders that are not classes, because they contain no samples.
    """

    files: list[str] = field(default_factory=list)
    hidden: int = 0
    outside: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def passes(self, name: str) -> bool:
        """Whether a file or folder of this name is skipped; hidden ones are counted."""
        if name.startswith(".") and name not in _NEVER and not name.startswith("._"):
            self.hidden += 1
        return name.startswith(".") or name in _NEVER

    def note(self, shown: str, what: str) -> tuple[str, ...]:
        """One line that lists them; nothing if nothing was skipped.

        Args:
            shown: the folder's name in messages.
            what: the samples' name in messages.
        """
        skipped = []
        if self.files:
            endings = Counter(Path(each).suffix.lower() for each in self.files)
            kinds = ", ".join(
                f"{ending or 'none'} {count}" for ending, count in sorted(endings.items())
            )
            skipped.append(f"files with other endings ({kinds}): {_listed(self.files)}")
        if self.outside:
            skipped.append(f"files outside the folders of classes: {_listed(self.outside)}")
        if self.hidden:
            skipped.append(f"hidden ones: {self.hidden}")
        if self.empty:
            skipped.append(f"folders without {what}: {_listed(self.empty)}")
        return (f"{shown}: not read: {'; '.join(skipped)}",) if skipped else ()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"
