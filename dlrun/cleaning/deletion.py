"""What can be deleted, and why."""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dlrun.run_directory.not_a_run import JOURNAL

Rule = Literal["broken", "temporary", "last", "states", "keep-best", "cache"]
"""Starts of runs that failed; leftovers of killed processes; checkpoints that are needed only to
resume; optimizer states in other checkpoints; weights of trials that are not among the best;
entries of caches."""

_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{8}\.tmp", re.DOTALL)

FILES = (
    *("spec.yaml", "resolved.yaml", "environment.json", "metrics.csv", "log.txt", "starts.jsonl"),
    *("confusion.csv", "curves.json", "split.csv", "left-out.csv", "loggers.json", "result.json"),
    *("tags.json", "fork.json"),
)
"""Files of a run, except those in its folders."""
STUDY_FILES = (
    *("sweep.yaml", "resolved.yaml", "best.yaml", "tags.json"),
    *("leaderboard.csv", "leaderboard.md", "leaderboard.json"),
)
"""Files of a study that are replaced as a whole."""
INNER = {
    "checkpoints": r"(best|last|previous)\.safetensors|manifest\.json",
    "plots": r"[\w.-]+\.(png|svg)",
    "profile": r"layers\.csv|trace\.json",
    "front": r"(prior-)?\d{4,9}\.yaml",
}
"""Names of files in the folders of a run or a study."""


def own_files(directory: Path) -> list[Path]:
    """The files that a run or a study may have, which need not exist; without those of its runs."""
    named = [directory / name for name in (*FILES, *STUDY_FILES, JOURNAL)]
    inner = [
        directory / folder / name
        for folder, pattern in INNER.items()
        for name in names_in(directory / folder)
        if re.fullmatch(pattern, name)
    ]
    return [*named, *inner]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Files that one rule deletes from one directory.

    Attributes:
        directory: the run, the study or the folder of a cache.
        rule: why.
        files: names relative to the directory, in the order in which they are deleted.
        sizes: bytes that each of them frees.
        whole: whether the directory itself is removed after them.
    """

    directory: Path
    rule: Rule
    files: tuple[str, ...]
    sizes: tuple[int, ...]
    whole: bool = False

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(self.sizes)


def size_of(path: Path) -> int | None:
    """Bytes of a regular file; None for a link, a folder, a pipe, or if nothing is there."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def is_folder(path: Path) -> bool:
    """Whether a path is a folder and not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def temporary_of(name: str) -> str | None:
    """The file for which a temporary one was written; None if the name is not that of one."""
    found = _TEMPORARY.fullmatch(name)
    return found[1] if found else None


def names_in(folder: Path) -> Sequence[str]:
    """The names in a folder, sorted; none if it is a link or cannot be read."""
    if not is_folder(folder):
        return []
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
