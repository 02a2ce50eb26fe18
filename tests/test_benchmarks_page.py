"""The figures of the README and of ``docs/guide/benchmarks.md`` are those of benchmarks/results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.pages.marked import replaced
from benchmarks.pages.write import written

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "guide" / "benchmarks.md"
RESULTS = {
    bench["name"]: bench["results"]
    for file in sorted((ROOT / "benchmarks" / "results").glob("*.json"))
    for bench in json.loads(file.read_text())["benchmarks"]
}


def result(name: str, **which: Any) -> dict[str, Any]:
    (found,) = (r for r in RESULTS[name] if all(r[key] == value for key, value in which.items()))
    return dict(found)


def median(ratios: list[float]) -> float:
    return sorted(ratios)[len(ratios) // 2]


def test_tables_are_those_of_the_results() -> None:
    for path, text in written().items():
        assert path.read_text() == text, f"run python -m benchmarks.pages, which changes {path}"


def test_a_table_needs_its_comment() -> None:
    with pytest.raises(ValueError, match="no comment <!-- a -->"):
        replaced("| a |\n", {"a": ""})


@pytest.mark.parametrize("page", [ROOT / "README.md", PAGE], ids=lambda page: page.name)
def test_whole_processes(page: Path) -> None:
    text = " ".join(page.read_text().split())
    for program in ("dlrun train", "torch script"):
        found = result("process/digits-mlp", program=program)
        memory = median(found["peak_memory"]) / 2**20
        assert f"{found['median']:.1f} s and {memory:.0f} MiB" in text


def test_the_page_names_when_and_on_what_it_was_measured() -> None:
    text = PAGE.read_text()
    for file in sorted((ROOT / "benchmarks" / "results").glob("*.json")):
        content = json.loads(file.read_text())
        day = content["machine"]["measured"][8:10]
        assert f"{day} November 2026" in text, file
        for package in ("dlrun", "numpy", "numba", "scikit-learn", "optuna"):
            assert content["machine"]["packages"][package] in text, (file, package)


def test_the_extra_has_what_the_peers_import() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    (extra,) = re.findall(r"^bench = (\[.*\])$", project, re.MULTILINE)
    peers = " ".join(path.read_text() for path in (ROOT / "benchmarks").rglob("*.py"))
    for package in ("jax", "torch", "optuna"):
        assert f"import {package}" in peers
        assert f'"{package}' in extra
