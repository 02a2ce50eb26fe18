"""Which page has which tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.pages import search, speed
from benchmarks.pages.marked import replaced
from benchmarks.pages.results import results

_ROOT = Path(__file__).parents[2]


def written() -> Mapping[Path, str]:
    """The texts of the pages with the tables of the stored results."""
    return {path: replaced(path.read_text(), tables) for path, tables in _tables().items()}


def _tables() -> Mapping[Path, Mapping[str, str]]:
    found = results()
    epyc = results(["train-epyc", "predict-epyc"])
    more_seeds, longer = results(["search-twenty-seeds"]), results(["search-hundred-trials"])
    return {
        _ROOT / "README.md": {"train/*": speed.summary(found, epyc)},
        _ROOT / "docs" / "guide" / "benchmarks.md": {
            "train/*": speed.training(found),
            "train/*, EPYC": speed.training(epyc),
            "train/schedule": speed.schedule(found),
            "predict/*": speed.predictions(found),
            "predict/*, EPYC": speed.predictions(epyc),
            "memory/check": speed.checked(found),
            "memory/peers": speed.memory(found),
        },
        _ROOT / "docs" / "design" / "search.md": {
            **search.tables(found),
            "search/rank, 20 seeds": search.ranks(more_seeds["search/rank"]),
            "search/rank, 100 trials": search.ranks(longer["search/rank"]),
        },
    }
