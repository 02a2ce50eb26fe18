"""Checkpoints that are not needed to predict."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlrun.cleaning.deletion import Deletion, Rule, size_of
from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.inference.checkpoint_content import TRAINING
from dlrun.run_directory.access import reading
from dlrun.run_directory.reduced import what_was_deleted
from dlrun.run_directory.result import read_result
from dlrun.run_directory.tensors import LENGTH, LONGEST_HEADER, header_of
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.recorded import recorded

LAST = "checkpoints/last.safetensors"
"""The checkpoint with the training state."""


def to_resume(run: Path, result: Mapping[str, Any]) -> Deletion | None:
    """The checkpoints from which an ended run could only be resumed.

    Args:
        run: its directory.
        result: how it ended.
    """
    names = ["previous"]
    if result.get("weights") == "best" and size_of(_path(run, "best")):
        names.append("last")
    return _deletion(run, "last", names)


def training_state(run: Path) -> Deletion | None:
    """The optimizer state in the last checkpoint; its weights stay."""
    size = size_of(run / LAST)
    if not size or what_was_deleted(run / "checkpoints", "last") == "state":
        return None
    state = _bytes_of_state(run / LAST)
    return Deletion(run, "states", (LAST,), (state,)) if state else None


def _bytes_of_state(path: Path) -> int:
    """Bytes of the optimizer state in a checkpoint, from its header.

    Raises:
        DataError: it is not a checkpoint.
    """
    try:
        with reading(path), open_regular(path, follow=False) as file:
            rest = os.fstat(file.fileno()).st_size - LENGTH
            length = int.from_bytes(file.read(LENGTH), "little")
            if length > min(rest, LONGEST_HEADER):
                raise ValueError(f"a header of {length} bytes")
            header = header_of(file.read(length), rest - length)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path}: not a checkpoint of dlrun: {error}") from error
    arrays = [each for each in header.arrays if each[0].startswith(TRAINING)]
    return sum(math.prod(shape) * int(dtype[2:]) for _, dtype, shape in arrays)


def all_weights(run: Path) -> Deletion | None:
    """All checkpoints of a run."""
    return _deletion(run, "keep-best", ["previous", "last", "best"])


def result_of(run: Path) -> Mapping[str, Any] | None:
    """How a run ended; None if it has not, or the file is broken."""
    try:
        return read_result(run / "result.json")
    except DataError:
        return None


def beyond_best(study: Path, keep: int) -> Sequence[Path]:
    """The directories of the runs of all trials except the best ones.

    Args:
        study: its directory.
        keep: number of trials that are kept; those of a Pareto front always are.

    Raises:
        DataError, SpecError: the study is broken.
    """
    directory = StudyDirectory.open(study)
    design, state = recorded(directory)
    board = leaderboard(design, state)
    kept = {row.trial.number for row in (*board.rows[:keep], *board.front)}
    return [
        directory.trials / name
        for (trial, _), name in sorted(state.directories.items())
        if trial not in kept
    ]


def _deletion(run: Path, rule: Rule, names: Sequence[str]) -> Deletion | None:
    found = [(name, size) for name in names if (size := size_of(_path(run, name))) is not None]
    if not found:
        return None
    files = tuple(f"checkpoints/{name}.safetensors" for name, _ in found)
    return Deletion(run, rule, files, tuple(size for _, size in found))


def _path(run: Path, name: str) -> Path:
    return run / "checkpoints" / f"{name}.safetensors"
