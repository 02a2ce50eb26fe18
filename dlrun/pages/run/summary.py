"""What a run was and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlrun.collection.run_entry import RunEntry
from dlrun.errors import DataError
from dlrun.pages.pieces.table import number
from dlrun.pages.pieces.text import badge, facts
from dlrun.pages.section import Section
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.earlier import at_first
from dlrun.run_directory.split import sizes
from dlrun.summaries.next_steps import reason


def summary(
    run: RunDirectory,
    entry: RunEntry,
    result: Mapping[str, Any] | None,
    environment: Mapping[str, Any],
) -> Section:
    """What the run was and how it ended.

    Args:
        run: the run.
        entry: of the run.
        result: the content of its result.json; None if it has not ended.
        environment: the content of its environment.json; empty without one.
    """
    entries: dict[str, str] = {
        "name": run.name,
        "ID": run.id,
        "state": badge(entry.state),
        "how it ended": reason(entry, result or {}),
        "started": str(at_first(environment, "time") or "unknown"),
    }
    if result is not None:
        entries["duration"] = f"{number(float(result['seconds']), 3)} s of training"
    if result is not None and "epochs" in result:
        entries["epochs"] = f"{result['epochs']}, best epoch {result['best_epoch']}"
        entries["weights of the scores"] = str(result["weights"])
    if samples := _samples(run):
        entries["samples"] = samples
    return Section("run", "Run", [facts(entries)])


def _samples(run: RunDirectory) -> str:
    """The number of samples by set; empty if the run did not write it."""
    try:
        return ", ".join(f"{name} {count:,}" for name, count in sizes(run.split_file).items())
    except DataError:
        return "unknown; split.csv is broken"
