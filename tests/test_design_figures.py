"""Each measured figure in ``docs/design`` has a source, and agrees with it.

A figure is a number with a unit.  Its section, the text under a ``##`` heading, links to what it
was read from: a file in ``benchmarks/results``, a test that checks it, or a page of figures.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DESIGN = ROOT / "docs" / "design"
RESULTS = ROOT / "benchmarks" / "results"

FIGURE = re.compile(
    r"(?<![\w.])\d[\d.,]*"
    r"(?:\s%|\s(?:ns|us|ms|s|seconds?|minutes?|hours?|[KMG]i?B|GFLOP/s|dB)\b"
    r"|\stimes (?:as|more|less|longer|the)\b)"
)
SOURCE = re.compile(
    r"\]\([^)\s]*(?:benchmarks/results/\w[\w-]*\.json|tests/\w[\w/]*\.py|benchmarks\.md)[)#]"
)

CHOSEN = {
    "A budget is checked where runs start": {"30 seconds"},
    "A logger is a process behind a queue": {"20 seconds", "60 seconds"},
    "A waiting thread stays awake for a while": {"60 us"},
    "Jobs of Slurm are submitted and monitored by the study": {"30 seconds"},
}
"""Figures of sections without a source: values that the code sets, never measured ones."""


def sections() -> list[tuple[str, str]]:
    found = []
    for page in sorted(DESIGN.glob("*.md")):
        text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
        for part in re.split(r"^## ", text, flags=re.MULTILINE):
            title, _, body = part.partition("\n")
            found.append((title, " ".join(body.split())))
    return found


SECTIONS = dict(sections())


def test_each_figure_has_a_source() -> None:
    without = {
        title: set(FIGURE.findall(text))
        for title, text in SECTIONS.items()
        if FIGURE.search(text) and not SOURCE.search(text)
    }
    assert without == CHOSEN


SHOWN = {
    "The default gelu is the exact one": {"us": ["gelu, compiled", "gelu_tanh, compiled"]},
    "Our own exp": {
        "us": [
            *(
                f"{name}, {by}"
                for name in ("exp", "silu", "mish", "elu")
                for by in ("numpy", "compiled")
            ),
            "tanh, numpy",
        ]
    },
    "tanh is a quotient of polynomials": {
        "ns": [f"tanh, {by}" for by in ("numpy", "compiled", "C library")]
    },
    "One product shows whether all values are finite": {
        "us": ["dot product of 17,226 weights and gradients", "check of both, one by one"]
    },
    "scikit-learn's data files are read without scikit-learn": {
        "s": ["import scikit-learn's digits"]
    },
    "Small networks run on NumPy's kernels": {
        "s": ["import numba", "dlrun train, numpy", "dlrun train, numba"]
    },
    "Pictures are drawn in the process, and once": {"s": ["import matplotlib with a figure"]},
    "Letters come from the library regex": {"ms": ["import regex"]},
    "Dense layers divide the kernel, not the batch": {
        "GFLOP/s": [
            f"128 x 784 x 512{by}" for by in ("", ", 4 pieces by rows", ", 4 pieces by columns")
        ]
    },
    "Convolution iterates over taps with its results in registers": {
        "GFLOP/s": [f"conv, {by}" for by in ("unrolled for BLAS", "tiles", "Winograd")]
    },
    "The matrix multiplications of a time step are divided along the columns": {
        "GFLOP/s": [
            f"32 x {size}{by}"
            for size in ("128 x 512", "256 x 1024")
            for by in ("", ", 4 pieces by columns")
        ]
    },
    "Attention stores its weights": {
        "GFLOP/s": ["64 x 32 x 64", "64 x 32 x 64, right side transposed"]
    },
    "Rows are mapped if memory can hold the file, otherwise announced and read": {
        "ms": ["4,096 rows, mapped", "4,096 rows, a call for each"]
    },
    "A thread prepares the next batch only if the preparation is work": {
        "us": ["gather 128 x 784", "copy 128 x 784", "hand over to a thread and wait"],
        "ms": ["copy 12.8 MB"],
    },
    "A sample's draws are a function of its row": {"us": ["a generator"]},
    "Texts are changed in another process if that pays off": {"ms": ["synonyms in 64 texts"]},
    "Geometric transformations are composed and drawn in Numba, colours in NumPy": {
        "ms": [f"rotate 128 images, {by}" for by in ("compiled", "Pillow", "numpy")]
    },
    "Decoded images are stored under a name that identifies their content": {
        "s": ["BLAKE2b of 100 MB"]
    },
    "Checkpoints get a fraction of the time": {"ms": ["replace a file, synchronized"]},
    "Runs of a study are not synchronized to the disk": {
        "ms": ["replace a file, synchronized", "write a file"]
    },
}
"""Cases of ``decisions.json`` by the section that shows them, and the unit there."""

PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9 / 65_536}
"""Units in a second; ``ns`` is for one of the 65,536 values of a call."""


def measured() -> dict[str, dict[str, float]]:
    content = json.loads((RESULTS / "decisions.json").read_text())
    return {
        row["case"]: row
        for each in content["benchmarks"]
        for row in each["results"]
        if "case" in row
    }


@pytest.mark.parametrize("title", SHOWN)
def test_figures_are_those_that_were_measured(title: str) -> None:
    results, text = measured(), SECTIONS[title]
    assert "benchmarks/results/decisions.json)" in text
    shown = re.findall(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w,.]\d)", text)
    for unit, cases in SHOWN[title].items():
        for case in cases:
            row = results[case]
            value = row["gigaflops"] if unit == "GFLOP/s" else row["seconds"] * PER_SECOND[unit]
            assert any(agrees(number, value) for number in shown), (case, value)


def agrees(shown: str, value: float) -> bool:
    """Whether a number is the value, rounded to the digits that are shown, 10 % at most."""
    off = abs(float(shown) - value)
    return off <= 0.51 * 10 ** -len(shown.partition(".")[2]) and off <= 0.1 * value


def test_a_figure_is_found_and_compared() -> None:
    assert FIGURE.findall("in 0.35 s, 12 %, 1.8 GB and 3 times as long, of 5 seeds") == [
        "0.35 s",
        "12 %",
        "1.8 GB",
        "3 times as",
    ]
    assert agrees("0.35", 0.347)
    assert not agrees("0.34", 0.347)
    assert not agrees("0", 0.3)


def test_the_guide_shows_the_power_of_looks_that_was_simulated() -> None:
    content = json.loads((RESULTS / "looks.json").read_text())
    (found,) = [each["results"] for each in content["benchmarks"] if "early" in each["name"]]
    simulated = {(tuple(row["looks"]), row["effect"], row["rule"]): row for row in found}
    effects = {"0": 0.0, "shown": 1.0, "1.5": 1.5, "2.5": 2.5}
    page = (ROOT / "docs/guide/searching.md").read_text()
    rows = re.findall(r"^\| ([\d, ]+) \| (\S+)[^|]* \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    shown = [row for row in rows if row[1] in effects and "%" in row[2]]
    assert len(shown) == 8
    for looks, effect, *cells in shown:
        seeds = tuple(map(int, looks.split(", ")))
        for rule, cell in zip(("single test", "ours"), cells, strict=True):
            row = simulated[seeds, effects[effect], rule]
            assert cell in (
                f"{100 * row['held']:.1f} %, {row['mean_seeds']:.1f}",
                f"{100 * row['held']:.1f} %, {row['mean_seeds']:.0f}",
            ), (looks, effect, cell)
