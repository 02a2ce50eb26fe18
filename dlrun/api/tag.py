"""Tags and notes of runs and studies."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from dlrun.collection.find import kind_of
from dlrun.collection.naming import resolve
from dlrun.errors import DataError
from dlrun.run_directory.lock import gate
from dlrun.run_directory.tags import Tags, read_tags, write_tags


def tag(
    run: str | PathLike[str],
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    note: str | None = None,
) -> Tags:
    """Change the tags and the note of a run or a study.

    Args:
        run: the directory, or a word that names it, such as ``latest``.
        add: tags to add.
        remove: tags to remove; those that it does not have are ignored.
        note: a new note; empty removes it, None leaves it.

    Returns:
        The tags and the note after that.

    Raises:
        InputError: a tag is not a word.
        DataError: it is neither a run nor a study, or its tags cannot be read or written.
    """
    path = resolve(run)
    if kind_of(str(path)) is None:
        raise DataError(f"{path}: neither a run nor a study directory")
    add, remove = list(add), list(remove)
    if not add and not remove and note is None:
        return read_tags(path)
    with gate(path):  # two processes may add tags at once
        tags = read_tags(path).changed(add, remove, note)
        write_tags(path, tags)
    return tags
