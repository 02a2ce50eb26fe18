"""Two runs side by side: what is the same to the bit, and where they first differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlrun.errors import DataError, SpecError
from dlrun.runs.access import present
from dlrun.runs.directory import RunDirectory
from dlrun.spec.nodes import plain
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse, read

if TYPE_CHECKING:
    from dlrun.arrays import Array
    from dlrun.runs.weights import Checkpoint

_TIMES = ("seconds",)
"""Columns and keys that no two runs share."""
_CIRCUMSTANCES = ("time", "command", "call", "earlier")
"""What is noted of a process, and no result depends on."""


@dataclass(frozen=True, slots=True)
class Change:
    """A key with two values; None where a run has it not."""

    key: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Cell:
    """Where metrics.csv first differs.

    Attributes:
        epoch: counts from 1; all before it are the same.
        after: the last step of which that is known.
        step: the last step of the epoch.
        column: the first that differs.
        first, second: its values.
    """

    epoch: int
    after: int
    step: int
    column: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tensor that differs.

    Attributes:
        checkpoint: ``best`` or ``last``.
        name: of the tensor.
        differing: how many of its numbers do, of ``size``.
        largest: the largest difference; NaN where one of two numbers is none, or shapes differ.
    """

    checkpoint: str
    name: str
    differing: int
    size: int
    largest: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs have in common.

    Attributes:
        spec: keys of the resolved specs that differ.
        environment: what differs of what they ran on, but for time and command line.
        epochs: rows of metrics.csv that both have, ``columns`` how many of their columns.
        cell: where these first differ; None where they do not.
        tensors: how many were compared, by checkpoint.
        parameters: those that differ.
        result: keys of result.json that differ; of metrics.csv the number of rows, if that does.
    """

    spec: tuple[Change, ...]
    environment: tuple[Change, ...]
    epochs: int
    columns: int
    cell: Cell | None
    tensors: Mapping[str, int]
    parameters: tuple[Parameter, ...]
    result: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether every number is, to the bit; specs and environments do not count."""
        return self.cell is None and not self.parameters and not self.result


def compare(
    first: RunDirectory,
    second: RunDirectory,
    checkpoints: Sequence[Checkpoint] = ("last", "best"),
    *,
    ended: bool = True,
) -> Comparison:
    """Compare two runs.

    Args:
        first: a run.
        second: another one.
        checkpoints: whose tensors are compared, where both runs have them.
        ended: whether it counts how many epochs there are and how the runs ended.

    Raises:
        DataError: a file is missing or broken.
        SpecError: a resolved spec is broken.
    """
    rows, other = _rows(first), _rows(second)
    common = [name for name in rows if name in other and name not in _TIMES]
    epochs = min(len(next(iter(each.values()), ())) for each in (rows, other))
    tensors: dict[str, int] = {}
    parameters: list[Parameter] = []
    for name in checkpoints:
        if all(run.has_weights(name) for run in (first, second)):
            one, two = first.load_weights(name).arrays, second.load_weights(name).arrays
            tensors[name] = len(one.keys() | two.keys())
            weights, carried = (
                [part(arrays) for arrays in (one, two)] for part in (_weights, _carried)
            )
            parameters += list(_parameters(name, *weights)) or _parameters(name, *carried)
    return Comparison(
        tuple(_changes(_spec(first), _spec(second))),
        tuple(_changes(_circumstances(first), _circumstances(second))),
        epochs,
        len(common),
        _cell(rows, other, common, epochs),
        tensors,
        tuple(parameters),
        tuple(_changes(_end(first, rows), _end(second, other))) if ended else (),
    )


def _rows(run: RunDirectory) -> Mapping[str, Sequence[float]]:
    """The columns of metrics.csv, which is not there before the first epoch has ended."""
    if not present(run.metrics_file):
        return {}
    rows = run.metrics()
    if "step" not in rows or not all(step.is_integer() for step in rows["step"]):
        raise DataError(
            f"{run.metrics_file}: its column 'step' is missing or no count; it is broken"
        )
    return rows


def _cell(
    rows: Mapping[str, Sequence[float]],
    other: Mapping[str, Sequence[float]],
    columns: Sequence[str],
    epochs: int,
) -> Cell | None:
    for row in range(epochs):
        for column in columns:
            one, two = rows[column][row], other[column][row]
            if repr(one) != repr(two):  # NaN is the same as NaN, and -0.0 is not 0.0
                after = int(rows["step"][row - 1]) if row else 0
                return Cell(row + 1, after, int(rows["step"][row]), column, one, two)
    return None


def _weights(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    return {name: each for name, each in arrays.items() if not name.startswith(_CARRIED)}


def _carried(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    """What training went on with, as the optimizer's state: it differs wherever the weights do."""
    return {name: each for name, each in arrays.items() if name.startswith(_CARRIED)}


_CARRIED = "training."


def _parameters(
    checkpoint: str, first: Mapping[str, Array], second: Mapping[str, Array]
) -> Iterator[Parameter]:
    import numpy as np

    for name in sorted(first.keys() | second.keys(), key=_by_number):
        one, two = (
            None if each is None else np.atleast_1d(each)
            for each in (first.get(name), second.get(name))
        )
        if one is None or two is None or (one.shape, one.dtype) != (two.shape, two.dtype):
            size = max(each.size for each in (one, two) if each is not None)
            yield Parameter(checkpoint, name, size, size, float("nan"))
            continue
        bits = f"u{one.dtype.itemsize}"
        differs = np.ascontiguousarray(one).view(bits) != np.ascontiguousarray(two).view(bits)
        if differs.any():
            with np.errstate(all="ignore"):
                apart = np.abs(one[differs].astype(np.float64) - two[differs])
            count = int(np.count_nonzero(differs))
            yield Parameter(checkpoint, name, count, one.size, float(np.max(apart)))


def _by_number(name: str) -> list[tuple[str, int]]:
    """Puts ``dense_2`` in front of ``dense_10``."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def _spec(run: RunDirectory) -> Mapping[str, Any]:
    text, name = read(run.resolved_file)
    problems = Problems()
    tree = parse(text, name, problems)
    problems.raise_if_any()
    if tree is None:
        raise SpecError([f"{name}: the file is empty"])
    return dict(_flat(plain(tree)))


def _circumstances(run: RunDirectory) -> Mapping[str, Any]:
    found = run.environment()
    return dict(_flat({key: found[key] for key in found if key not in _CIRCUMSTANCES}))


def _end(run: RunDirectory, rows: Mapping[str, Sequence[float]]) -> Mapping[str, Any]:
    found = run.result() if run.has_ended else {"status": run.status}
    kept = {key: found[key] for key in found if key not in _TIMES}
    columns = {"rows": len(next(iter(rows.values()), ())), "columns": ", ".join(rows)}
    return dict(_flat({**kept, "metrics.csv": columns}))


def _flat(data: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value with its dotted path."""
    if isinstance(data, Mapping) and data:
        for name, value in data.items():
            yield from _flat(value, f"{key}.{name}" if key else name)
    elif isinstance(data, list | tuple) and data:
        for number, value in enumerate(data):
            yield from _flat(value, f"{key}.{number}" if key else str(number))
    else:
        yield key, data


def _changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Change]:
    for key in [*first, *(key for key in second if key not in first)]:
        one, two = first.get(key), second.get(key)
        if repr(one) != repr(two) or (key in first) != (key in second):
            yield Change(key, one, two)
