"""Deleting what runs, studies and caches no longer need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.api.at_least import counts
from dlrun.cleaning.amounts import parse_size
from dlrun.cleaning.deletion import Deletion
from dlrun.cleaning.plan import Rules, plan
from dlrun.collection.times import parse_duration
from dlrun.errors import DlrunError


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was deleted, or would be.

    Attributes:
        deletions: one for each directory and rule.
        notes: on what was left alone, one line each.
        deleted: whether it was deleted.
        failed: number of deletions that were planned and failed; the notes have the reasons.
    """

    deletions: tuple[Deletion, ...]
    notes: tuple[str, ...]
    deleted: bool
    failed: int = 0

    @property
    def size(self) -> int:
        """Bytes of everything."""
        return sum(deletion.size for deletion in self.deletions)

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "deleted": self.deleted,
            "size": self.size,
            "deletions": [
                {
                    "directory": str(each.directory),
                    "rule": each.rule,
                    "files": list(each.files),
                    "size": each.size,
                    "whole": each.whole,
                }
                for each in self.deletions
            ],
            "notes": list(self.notes),
        }


def clean(
    *roots: str | Path,
    broken: bool = False,
    temporary: bool = False,
    last: bool = False,
    states: bool = False,
    keep_best: int | None = None,
    cache_over: str | None = None,
    older_than: str | None = None,
    where: Iterable[str] = (),
    tagged: bool = False,
    delete: bool = False,
) -> Cleaned:
    """Find, and delete if asked, what runs, studies and caches no longer need.

    What stays is a valid run or study: all runs can be read and compared, and runs predict as
    before, except those whose weights ``keep_best`` deletes.  Runs that are trained, and
    those that an unfinished study may resume, are left alone.

    Args:
        roots: folders of runs and studies; none for ``runs`` and ``studies``.
        broken: runs that ended before their first epoch and have no checkpoint.  Without any rule,
            this one and ``temporary``.
        temporary: temporary files that killed processes have left.
        last: checkpoints of ended runs that are only needed to resume them.
        states: optimizer states of ended runs, in the checkpoint from which they predict.
        keep_best: number of trials of each ended study that keep their weights.
        cache_over: size that the caches may have, such as ``2GB``.
        older_than: only what ended, or in caches was last used, so long ago, such as ``7d``.
        where: conditions on runs, as of ``runs``.
        tagged: whether to include tagged runs.
        delete: whether to delete; otherwise it is only listed.

    Raises:
        InputError: an argument cannot be used.
        DataError: a folder does not exist.
    """
    counts(0, keep_best=keep_best)
    chosen = any((broken, temporary, last, states, keep_best is not None, cache_over is not None))
    rules = Rules(
        broken=broken or not chosen,
        temporary=temporary or not chosen,
        last=last,
        states=states,
        keep_best=keep_best,
        cache_over=None if cache_over is None else parse_size(cache_over, "--cache-over"),
        older_than=0.0 if older_than is None else parse_duration(older_than, "--older-than"),
        where=[where] if isinstance(where, str) else list(where),
        tagged=tagged,
    )
    found = plan(roots, rules)
    if not delete:
        return Cleaned(tuple(found.deletions), tuple(found.notes), deleted=False)
    from dlrun.cleaning.delete import delete as perform

    done, notes = list[Deletion](), list(found.notes)
    for deletion in found.deletions:
        try:
            done.append(perform(deletion))
        except DlrunError as error:
            notes.append(str(error))
    failed = len(found.deletions) - len(done)
    done = [each for each in done if each.files or each.whole]
    return Cleaned(tuple(done), tuple(notes), True, failed)
