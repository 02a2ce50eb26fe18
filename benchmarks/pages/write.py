"""Which page has which tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.pages import search, speed
from benchmarks.pages.marked import replaced
from benchmarks.pages.results import Rows, results

_ROOT = Path(__file__).parents[2]


def written() -> Mapping[Path, str]:
    """The texts of the pages with the tables of the stored results."""
    found = results()
    return {path: replaced(path.read_text(), tables) for path, tables in _tables(found).items()}


def _tables(results: Mapping[str, Rows]) -> Mapping[Path, Mapping[str, str]]:
    return {
        _ROOT / "README.md": {"train/*": speed.summary(results)},
        _ROOT / "docs" / "guide" / "benchmarks.md": {
            "train/*": speed.training(results),
            "train/schedule": speed.schedule(results),
            "predict/*": speed.predictions(results),
            "memory/check": speed.checked(results),
            "memory/peers": speed.memory(results),
        },
        _ROOT / "docs" / "design" / "search.md": search.tables(results),
    }
