"""Messages for data files and folders that cannot be opened."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from dlrun.spec.problems import near

_COMPARED = 1_000
"""Names in a folder that are compared with one that does not exist, at most."""
_LISTED = 5
"""Names in a folder that are listed, at most."""


def reason(error: OSError, shown: str, path: Path) -> str:
    """Why a file or folder cannot be opened, and what to do.

    Args:
        error: of the operating system.
        shown: the path as the user wrote it.
        path: the same path from the folder where it starts.
    """
    what = error.strerror or str(error)
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"{what} ({path})"
    missing = path = path.absolute()
    while not missing.parent.is_dir():
        missing = missing.parent
    if missing.is_symlink():
        return f"{what}; {missing} is a link to a file that does not exist; correct the link"
    if missing.exists():
        return f"{what}; {missing} is not a folder; correct the path"
    parts, start = Path(shown).parts, None
    if path.parts[-len(parts) :] == parts and path.parts != parts:
        start = Path(*path.parts[: -len(parts)])
    place, after = os.path.normpath(missing.parent), ""
    if start == missing.parent:
        place += ", where relative paths start,"
    elif start is not None:
        after = f", and relative paths start at {start}"
    return f"{what}; the folder {place} has no '{missing.name}'{after}; {_advice(missing)}"


def _advice(missing: Path) -> str:
    """A similar name in the same folder, or some of the names there."""
    try:
        with os.scandir(missing.parent) as entries:
            names = sorted(entry.name for entry in islice(entries, _COMPARED))
    except OSError:
        return "correct the path"
    names = [name for name in names if not name.startswith(".")]
    if (similar := near(missing.name, names)) is not None:
        return f"did you mean '{similar}'?"
    if not names:
        return "that folder is empty; correct the path"
    more = ", ..." if len(names) > _LISTED else ""
    return f"correct the path; that folder contains {', '.join(names[:_LISTED])}{more}"
