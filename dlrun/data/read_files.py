"""The files and folders that a section on data reads."""

from __future__ import annotations

from pathlib import Path

from dlrun.data.section import DataSection


def read_files(section: DataSection, folder: Path) -> tuple[Path, ...]:
    """The files that are read, also those of other sets and of a split by lists.

    Args:
        section: on data.
        folder: where relative paths start.
    """
    source, split = section.source, section.split
    found = [*source.files(folder), *(folder / each for each in (split.lists or {}).values())]
    for path in split.files.values():
        there = source.model_copy(update={"path": path})
        found += [folder / path, *there.files(folder)]
    return tuple(found)


def read_folders(section: DataSection, folder: Path) -> tuple[Path, ...]:
    """The folders of which any file may be a sample, and ``read_files`` lists none.

    Args:
        section: on data.
        folder: where relative paths start.
    """
    paths = [*section.source.paths().values(), *section.split.files.values()]
    found = [folder / each for each in paths if (folder / each).is_dir()]
    return () if section.source.files(folder) else tuple(found)
