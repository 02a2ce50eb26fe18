"""The table of scores of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlrun.pages.pieces.table import Cell, number, table
from dlrun.pages.pieces.text import cards
from dlrun.pages.section import Section, missing, note


def scores(result: Mapping[str, Any] | None, columns: Mapping[str, Sequence[float]]) -> Section:
    """The table of scores: a metric per row, a set per column.

    Args:
        result: the content of result.json; None if the run has not ended.
        columns: of metrics.csv; those of the training set have the epoch of the weights.
    """
    final = dict(result["metrics"]) if result is not None else {}
    epoch = _epoch(result, columns)
    if epoch:
        known = {name: values[epoch - 1] for name, values in columns.items() if "." in name}
        final = {**known, **final}
    if not final:
        return missing("scores", "Scores", "No score is known yet.")
    sets = [
        name for name in ("train", "validation", "test") if any(_of(key, name) for key in final)
    ]
    metrics = list(dict.fromkeys(key.partition(".")[2] for key in final))
    rows: list[list[Cell]] = [
        [metric.replace("_", " "), *(_value(final.get(f"{name}.{metric}")) for name in sets)]
        for metric in metrics
    ]
    last = sets[-1]
    large = {
        f"{last} {metric}".replace("_", " "): number(_value(final.get(f"{last}.{metric}"))) or "-"
        for metric in metrics[:5]
    }
    text = f"Scores of the training set are means during epoch {epoch}." if epoch else ""
    pieces = [cards(large), table(["metric", *sets], rows)]
    return Section("scores", "Scores", [*pieces, note(text)] if text else pieces)


def _epoch(result: Mapping[str, Any] | None, columns: Mapping[str, Sequence[float]]) -> int:
    """The epoch of the weights of the scores; 0 if it is unknown."""
    rows = len(columns.get("epoch", ()))
    if result is None or "epochs" not in result:
        return rows if result is None else 0
    epoch = int(result["best_epoch"] if result["weights"] == "best" else result["epochs"])
    return epoch if epoch <= rows else 0


def _of(key: str, name: str) -> bool:
    return key.startswith(f"{name}.")


def _value(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
