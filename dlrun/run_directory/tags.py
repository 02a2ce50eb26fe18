"""tags.json: the tags and the note that a user has given to a run or a study.

``{"tags": ["baseline"], "note": "the run of the paper"}``.  Nothing that dlrun computes depends on
it, and a run without the file has no tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dlrun.errors import DataError, InputError
from dlrun.run_directory.access import present
from dlrun.run_directory.atomic import remove, replace
from dlrun.run_directory.json_text import read_object, to_json

FILE = "tags.json"
_TAG = re.compile(r"\w[\w./:-]{0,99}")
_LONGEST = 10_000
"""Characters of a note, at most."""
_MOST = 1_000
"""Tags of a run, at most."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What a user has written about a run.

    Attributes:
        tags: sorted, each once.
        note: a text; empty if there is none.
    """

    tags: tuple[str, ...] = ()
    note: str = ""

    def changed(
        self, add: Iterable[str] = (), remove: Iterable[str] = (), note: str | None = None
    ) -> Tags:
        """The tags after a change.

        Args:
            add: tags to add.
            remove: tags to remove, which need not exist.
            note: the new note; empty removes it, None leaves it.

        Raises:
            InputError: a tag to add is not a word, or the note is too long.
        """
        added = list(add)
        for tag in added:
            if not _TAG.fullmatch(tag):
                raise InputError(
                    f"{tag[:100]!r} cannot be a tag; use up to 100 letters, digits and _ . / : -, "
                    "beginning with a letter or digit"
                )
        if note is not None and len(note) > _LONGEST:
            raise InputError(f"a note has at most {_LONGEST:,} characters; write a shorter one")
        kept = (set(self.tags) | set(added)) - set(remove)
        if len(kept) > _MOST:
            raise InputError(f"a run has at most {_MOST:,} tags; remove some")
        return Tags(tuple(sorted(kept)), self.note if note is None else note)


def read_tags(folder: Path) -> Tags:
    """The tags of a run or a study; none if the file does not exist.

    Raises:
        DataError: the file is broken.
    """
    path = folder / FILE
    if not present(path):
        return Tags()
    found = read_object(path)
    tags, note = found.get("tags", []), found.get("note", "")
    valid = isinstance(tags, list) and len(tags) <= _MOST
    if not valid or not all(isinstance(tag, str) and _TAG.fullmatch(tag) for tag in tags):
        raise DataError(f"{path}: 'tags' must be a list of words; the file is broken")
    if not isinstance(note, str) or len(note) > _LONGEST:
        raise DataError(f"{path}: 'note' must be a short text; the file is broken")
    return Tags(tuple(sorted(set(tags))), note)


def write_tags(folder: Path, tags: Tags) -> None:
    """Replace the tags of a run or a study; without any, the file is removed.

    Raises:
        MachineError: the file cannot be written.
    """
    path = folder / FILE
    if tags == Tags():
        if present(path):
            remove(path)
        return
    replace(path, to_json({"tags": tags.tags, "note": tags.note}, indent=2) + "\n")
