"""Comparison of two runs, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dlrun.errors import SpecError
from dlrun.run_directory import metrics
from dlrun.run_directory.access import present
from dlrun.run_directory.circumstances import circumstances, differing
from dlrun.run_directory.compare_weights import differing_parameters
from dlrun.run_directory.comparison import Cell, Change, Comparison, Parameter
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.flat import flat
from dlrun.run_directory.reduced import what_was_deleted
from dlrun.spec.nodes import plain
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse, read

if TYPE_CHECKING:
    from dlrun.arrays import Array
    from dlrun.run_directory.weights import Checkpoint

_TIMES = ("seconds",)
"""Columns and keys that differ between any two runs."""
FREE = ("log",)
"""Keys of the spec that do not affect results."""
CIRCUMSTANCES = ("time", "command", "call", "earlier")
"""Keys of the environment that do not affect results."""
FREE_IF_PORTABLE = ("cpu",)
"""Further such keys, for runs with the same portable numerics."""


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
        checkpoints: whose tensors are compared if both runs have them.
        ended: whether to compare the number of epochs and how the runs ended.

    Raises:
        DataError: a file is missing or broken.
        SpecError: a resolved spec is broken.
    """
    rows, other = _rows(first), _rows(second)
    common = [name for name in rows if name in other and name not in _TIMES]
    epochs = min(len(next(iter(each.values()), ())) for each in (rows, other))
    tensors: dict[str, int] = {}
    parameters: list[Parameter] = []
    without_state: list[str] = []
    for name in checkpoints:
        if all(run.has_weights(name) for run in (first, second)):
            one, two = first.load_weights(name).arrays, second.load_weights(name).arrays
            weights, carried = (
                [part(arrays) for arrays in (one, two)] for part in (_weights, _carried)
            )
            if reduced := [run for run in (first, second) if _lacks_state(run, name)]:
                without_state += [str(run.path) for run in reduced]
                carried = [{}, {}]
            tensors[name] = sum(len(a.keys() | b.keys()) for a, b in (weights, carried))
            parameters += list(differing_parameters(name, *weights)) or differing_parameters(
                name, *carried
            )
    return Comparison(
        tuple(_changes(_spec(first), _spec(second))),
        tuple(_changes(*_circumstances(first, second))),
        epochs,
        len(common),
        _cell(rows, other, common, epochs),
        tensors,
        tuple(parameters),
        tuple(_changes(_end(first, rows), _end(second, other))) if ended else (),
        tuple(str(run.path) for run in (first, second) if _lacks_weights(run)),
        tuple(dict.fromkeys(without_state)),
        {**_processes(second), **_processes(first)},
    )


def _lacks_weights(run: RunDirectory) -> bool:
    """Whether the weights of a completed run are missing, for example since they were deleted."""
    result = run.training_result() if run.has_ended else {}
    completed = result.get("status") == "completed" and result["epochs"] > 0
    return completed and not run.has_weights(result["weights"])


def _lacks_state(run: RunDirectory, name: Checkpoint) -> bool:
    """Whether the training state in a checkpoint was deleted on purpose; its weights stayed."""
    return what_was_deleted(run.checkpoints, name) == "state"


def _rows(run: RunDirectory) -> Mapping[str, Sequence[float]]:
    """The columns of metrics.csv; empty before the end of the first epoch."""
    if not present(run.metrics_file):
        return {}
    rows = run.metrics()
    metrics.need(rows, ("step",), run.metrics_file)
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
    """The training state, such as the optimizer's: it differs whenever the weights do."""
    return {name: each for name, each in arrays.items() if name.startswith(_CARRIED)}


_CARRIED = "training."


def _spec(run: RunDirectory) -> Mapping[str, Any]:
    text, name = read(run.resolved_file)
    problems = Problems()
    tree = parse(text, name, problems)
    problems.raise_if_any()
    if tree is None:
        raise SpecError([f"{name}: the file is empty"])
    return dict(flat({key: value for key, value in plain(tree).items() if key not in FREE}))


def _circumstances(*runs: RunDirectory) -> list[Mapping[str, Any]]:
    found = [run.environment() for run in runs]
    free: tuple[str, ...] = CIRCUMSTANCES
    if len({repr(each.get("numerics")) for each in found}) == 1 and "numerics" in found[0]:
        free = (*free, *FREE_IF_PORTABLE)
    return [dict(flat({key: each[key] for key in each if key not in free})) for each in found]


def _processes(run: RunDirectory) -> dict[str, list[str]]:
    """What differed between the processes that trained a run."""
    environment = run.environment()
    known = [circumstances(environment)]
    before = environment.get("earlier")
    for each in reversed(before if isinstance(before, list) else []):
        environment = {**environment, **(each if isinstance(each, dict) else {})}
        known.append(circumstances(environment))
    return differing(known)


def _end(run: RunDirectory, rows: Mapping[str, Sequence[float]]) -> Mapping[str, Any]:
    found = run.result() if run.has_ended else {"status": run.status}
    kept = {key: found[key] for key in found if key not in _TIMES}
    columns = {"rows": len(next(iter(rows.values()), ())), "columns": ", ".join(rows)}
    return dict(flat({**kept, "metrics.csv": columns}))


def _changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Change]:
    for key in [*first, *(key for key in second if key not in first)]:
        one, two = first.get(key), second.get(key)
        if key not in first or key not in second:
            yield Change(key, one, two, "second" if key in first else "first")
        elif repr(one) != repr(two):
            yield Change(key, one, two)
