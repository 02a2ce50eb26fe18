"""The figures of the README and of ``docs/guide/benchmarks.md`` are those of benchmarks/results."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.pages.marked import replaced
from benchmarks.pages.write import written

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "guide" / "benchmarks.md"
FILES = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


def read(files: Sequence[Path]) -> dict[str, Any]:
    """Results by the name of their benchmark."""
    contents = (json.loads(file.read_text()) for file in files)
    return {bench["name"]: bench["results"] for each in contents for bench in each["benchmarks"]}


EPYC = read([file for file in FILES if file.stem.endswith("-epyc")])
RESULTS = read([file for file in FILES if not file.stem.endswith("-epyc")])
WORKS = {
    "MLP 64": "mlp-small",
    "the same": "mlp-small",
    "MLP 784": "mlp-bn",
    "CNN 28": "cnn-28",
    "CNN 8": "cnn-8",
    "ResNet": "resnet8",
    "LSTM": "lstm",
    "transformer": "transformer",
}


def rows(page: Path, head: str, mark: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """Work, peer and cells of each row of the table whose header begins with ``head``.

    Args:
        page: with the table.
        head: begins the header.
        mark: a comment somewhere before the table.
    """
    table = page.read_text().partition(mark)[2] if mark else page.read_text()
    table = table.partition(f"| {head}")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        first, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        (work,) = {work for start, work in WORKS.items() if first.startswith(start)}
        yield work, "dlrun numba" if "numba" in first else "dlrun", cells


def result(name: str, of: Mapping[str, Any] = RESULTS, **which: Any) -> dict[str, Any]:
    (found,) = (r for r in of[name] if all(r[key] == value for key, value in which.items()))
    return dict(found)


def agrees(shown: str, value: float) -> bool:
    """Whether a number is the value, rounded to the digits that are shown."""
    digits = len(shown.partition(".")[2])
    return abs(float(shown) - value) <= 0.5001 * 10**-digits


def number(cell: str) -> str:
    return re.findall(r"\d[\d.]*", cell)[0]


def median(ratios: list[float]) -> float:
    return sorted(ratios)[len(ratios) // 2]


def test_training_steps_of_the_readme() -> None:
    count = 0
    for work, peer, cells in rows(ROOT / "README.md", "a training step"):
        _, time, torch, compiled, jax, other_machine = cells
        ours = result(f"train/{work}", peer=peer, threads=2)
        assert agrees(number(time), ours["median"] * 1e3), (work, time)
        shown = re.findall(r"\d[\d.]*", torch)
        wanted = [median(ours["ratio"]), min(ours["ratio"]), max(ours["ratio"])]
        assert all(map(agrees, shown, wanted)), (work, torch, wanted)
        for cell, other_peer in ((compiled, "torch compile"), (jax, "jax")):
            theirs = result(f"train/{work}", peer=other_peer, threads=2)
            ratio = ours["median"] / theirs["median"]
            assert agrees(cell, ratio), (work, other_peer, cell, ratio)
        epyc = result(f"train/{work}", EPYC, peer=peer, threads=2)
        assert agrees(other_machine, median(epyc["ratio"])), (work, other_machine)
        count += 1
    assert count == len(WORKS)


MACHINES = pytest.mark.parametrize(
    ("machine", "results"), [("", RESULTS), (", EPYC", EPYC)], ids=["first", "epyc"]
)


@MACHINES
def test_training_steps_of_the_page(machine: str, results: Mapping[str, Any]) -> None:
    count = 0
    for work, peer, cells in rows(PAGE, "training", f"<!-- train/*{machine} -->"):
        for threads, (time, ratio, peak) in ((1, cells[:3]), (2, cells[3:])):
            ours = result(f"train/{work}", results, peer=peer, threads=threads)
            assert agrees(number(time), ours["median"] * 1e3), (work, time)
            assert agrees(ratio, median(ours["ratio"])), (work, ratio)
            assert not peak or agrees(number(peak), ours["share_of_peak"] * 100), (work, peak)
        count += 1
    assert count == len(WORKS)


@MACHINES
def test_predictions_of_the_page(machine: str, results: Mapping[str, Any]) -> None:
    count = 0
    for work, peer, cells in rows(PAGE, "predictions", f"<!-- predict/*{machine} -->"):
        ratios, peaks = (*cells[:3], cells[4]), (cells[3], cells[5])
        sizes = ((1, 1), (1, 2), (256, 1), (256, 2))
        for cell, (batch, threads) in zip(ratios, sizes, strict=True):
            ours = result(f"predict/{work}", results, peer=peer, batch=batch, threads=threads)
            assert agrees(cell, median(ours["ratio"])), (work, cell)
        for cell, (batch, threads) in zip(peaks, sizes[2:], strict=True):
            ours = result(f"predict/{work}", results, peer=peer, batch=batch, threads=threads)
            assert agrees(number(cell), ours["share_of_peak"] * 100), (work, cell)
        count += 1
    assert count == len(WORKS) - 1


def test_memory_of_the_page() -> None:
    table = PAGE.read_text().partition("| memory of training")[2].partition("\n\n")[0]
    shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    for case, said, measured in shown[2:]:
        found = result("memory/check", case=case)
        assert agrees(said, found["said"] / 2**20), case
        assert agrees(measured, median(found["peaks"]) / 2**20), case
    assert len(shown[2:]) == len(RESULTS["memory/check"])


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
        day = datetime.fromisoformat(content["machine"]["measured"])
        assert f"{day.day} {day:%B %Y}" in text, file
        for package in ("dlrun", "numpy", "numba", "scikit-learn", "optuna"):
            assert content["machine"]["packages"][package] in text, (file, package)


def test_the_extra_has_what_the_peers_import() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    (extra,) = re.findall(r"^bench = (\[.*\])$", project, re.MULTILINE)
    peers = " ".join(path.read_text() for path in (ROOT / "benchmarks").rglob("*.py"))
    for package in ("jax", "torch", "optuna"):
        assert f"import {package}" in peers
        assert f'"{package}' in extra
