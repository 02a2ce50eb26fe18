"""What deleting files with several names frees, such as the checkpoints of a run and its fork."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from dlrun.cleaning.deletion import Deletion


def freed(deletions: Sequence[Deletion]) -> list[Deletion]:
    """The deletions, with the sizes that they free together.

    A file with several names is counted once, at its last name, and not at all while one of its
    names stays.

    Args:
        deletions: all of them, in their order, with sizes as if each file had one name.
    """
    sizes = [list(each.sizes) for each in deletions]
    names: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    links: dict[tuple[int, int], os.stat_result] = {}
    for number, deletion in enumerate(deletions):
        for place, name in enumerate(deletion.files):
            try:
                status = (deletion.directory / name).lstat()
            except OSError:
                continue
            if status.st_nlink > 1 and deletion.sizes[place]:  # folders have links, but no size
                file = status.st_dev, status.st_ino
                names[file].append((number, place))
                links[file] = status
    for file, found in names.items():
        whole, stays = links[file].st_size, 0
        for number, place in found:
            if deletions[number].rule == "states":  # the weights become a file of their own
                stays += whole - sizes[number][place]
            sizes[number][place] = 0
        if len(found) == links[file].st_nlink:
            number, place = found[-1]
            sizes[number][place] = max(0, whole - stays)
    return [replace(each, sizes=tuple(new)) for each, new in zip(deletions, sizes, strict=True)]
