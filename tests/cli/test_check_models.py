"""Models that are graphs, as ``dlrun check`` shows them and finds fault with them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Dlrun = Callable[..., subprocess.CompletedProcess[str]]

HEAD = "name: a\ndata: {source: digits}\nloss: cross_entropy\nmodel:\n"
U_NET = """  - conv: 8
  - node: fine
  - max_pool: 2
  - repeat: 2
    layers:
      - node: start
      - conv: 8
      - layer_norm
      - gelu
      - add: [start, previous]
  - parallel:
      - []
      - [conv: {filters: 4, kernel: 1}, silu]
  - conv: {filters: 4, kernel: 1}
  - reshape: [8, 8, 1]
  - concatenate: [previous, fine]
  - global_average_pool
  - dense: ${classes}
"""


def test_the_table_says_what_is_read_from_afar(dlrun: Dlrun, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(HEAD + U_NET)
    result = dlrun("check", "spec.yaml")
    assert (result.returncode, result.stderr) == (0, "")
    rows = {cells[0]: cells for cells in map(str.split, result.stdout.splitlines()) if cells}
    assert rows["layer"][-1] == "reads"
    assert rows["add_1"][-2:] == ["max_pool_1,", "gelu_1"]
    assert rows["add_2"][-2:] == ["add_1,", "gelu_2"]
    assert rows["concatenate_1"][-2:] == ["add_2,", "silu_1"]
    assert rows["concatenate_2"][1:6] == ["8", "x", "8", "x", "9"]
    assert rows["concatenate_2"][-2:] == ["reshape_1,", "conv_1"]
    assert rows["dense_1"][1:] == ["10", "100", "90"]


def test_a_straight_line_has_no_such_column(dlrun: Dlrun, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(f"{HEAD}  - flatten\n  - dense: 10\n")
    assert "reads" not in dlrun("check", "spec.yaml").stdout


def test_json_names_the_inputs(dlrun: Dlrun, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(HEAD + U_NET)
    layers = json.loads(dlrun("check", "spec.yaml", "--json").stdout)["layers"]
    found = {each["name"]: each["inputs"] for each in layers}
    assert found["conv_1"] == ["input"]
    assert found["concatenate_2"] == ["reshape_1", "conv_1"]


def test_overrides_reach_names_and_branches(dlrun: Dlrun, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(HEAD + U_NET)
    result = dlrun(
        *("check", "spec.yaml", "--json", "model.4.parallel.branches.1.0.conv.filters=6"),
        *("model.7.concatenate=[fine, previous]", "model.5.conv.filters=1"),
        "model.6.reshape.shape=[4, 4, -1]",
    )
    assert result.returncode == 2
    assert result.stderr == (
        "override model.7.concatenate=[fine, previous]: concatenate along axis -1 needs equal "
        "lengths along all others, got (8, 8, 8) of 'fine', (4, 4, 1) of 'previous'\n"
    )


def test_what_is_resolved_trains_alike(dlrun: Dlrun, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(f"{HEAD}{U_NET}epochs: 1\n")
    first = dlrun("train", "spec.yaml", "--json", "--runs", "one", DLRUN_KERNELS="numpy")
    assert first.returncode == 0, first.stderr
    (resolved,) = tmp_path.glob("one/*/*/resolved.yaml")
    second = dlrun("train", resolved, "--json", "--runs", "two", DLRUN_KERNELS="numpy")
    ends = [json.loads(run.stdout.splitlines()[-1]) for run in (first, second)]
    assert ends[0]["metrics"] == ends[1]["metrics"]


FAULTS = {
    "a name that nothing has": (
        "  - flatten\n  - node: stem\n  - dense: 64\n  - add: [previous, stme]\n  - dense: 10\n",
        ["spec.yaml:8:21: unknown node 'stme'; did you mean 'stem'?"],
    ),
    "a name that stands below": (
        "  - flatten\n  - from: late\n  - dense: 64\n  - node: late\n  - dense: 10\n",
        [
            "spec.yaml:6:11: node 'late' is defined further below, at spec.yaml:8:11; "
            "a layer can only use layers above it"
        ],
    ),
    "a name twice": (
        "  - node: a\n  - flatten\n  - node: a\n  - dense: 10\n",
        ["spec.yaml:7:11: node 'a' is already defined at spec.yaml:5:11; rename one"],
    ),
    "a name from inside a repeat": (
        "  - flatten\n  - repeat: 2\n    layers:\n      - dense: 5\n      - node: in\n"
        "  - from: in\n  - dense: 10\n",
        [
            "spec.yaml:10:11: node 'in' is valid only in its own list of layers, "
            "at spec.yaml:9:15; name the value after that list"
        ],
    ),
    "a name that is taken": (
        "  - flatten\n  - node: input\n  - dense: 10\n",
        ["spec.yaml:6:11: 'input' is the input of the network; choose another name"],
    ),
    "a name that is none": (
        "  - flatten\n  - node: a b\n  - dense: 10\n",
        [
            "spec.yaml:6:11: 'name' must begin with a letter or digit and hold only letters, "
            "digits, '.', '_' and '-', got 'a b'"
        ],
    ),
    "a value that leads nowhere": (
        "  - flatten\n  - node: a\n  - dense: 5\n  - from: a\n  - dense: 10\n",
        [
            "spec.yaml:7:5: the output of this layer is not used; "
            "use it further below, or remove the layer"
        ],
    ),
    "one input": (
        "  - flatten\n  - add: [previous]\n  - dense: 10\n",
        ["spec.yaml:6:10: 'inputs' must have at least 2 items, got [previous]"],
    ),
    "branches that do not add up": (
        "  - parallel:\n      - [conv: 4]\n      - [conv: 6]\n    merge: add\n"
        "  - flatten\n  - dense: 10\n",
        [
            "spec.yaml:5:5: add needs shapes that can be broadcast, "
            "got (8, 8, 4) of 'branches.0', (8, 8, 6) of 'branches.1'"
        ],
    ),
    "an axis for a sum": (
        "  - parallel: [[], []]\n    merge: add\n    axis: 0\n  - flatten\n  - dense: 10\n",
        ["spec.yaml:5:5: 'axis' is for 'concatenate'; remove it, or do not add"],
    ),
    "too small an image for its pools": (
        "  - repeat: 4\n    layers: [conv: 4, max_pool]\n  - flatten\n  - dense: 10\n",
        ["spec.yaml:6:23: max_pool with windows of (2, 2) does not fit into an image of (1, 1)"],
    ),
    "numbers that make no such shape": (
        "  - reshape: [5, -1]\n  - flatten\n  - dense: 10\n",
        [
            "spec.yaml:5:5: reshape cannot make (5, -1) of (8, 8, 1): "
            "the number of elements must stay 64",
        ],
    ),
    "several, and those of other keys": (
        "  - node: image\n  - dense: 5\n  - group_norm: 3\n  - node: a\n  - from: image\n"
        "  - permute: [1, 0]\n  - concatenate: [previous, b, a]\n  - dense: 10\n"
        "metrics: [mae]\n",
        [
            "spec.yaml:7:5: group_norm cannot divide 5 channels into 3 groups",
            "spec.yaml:10:5: permute needs 2 axes, got (8, 8, 1)",
            "spec.yaml:11:29: unknown node 'b'; known: a, image, input, previous",
            "spec.yaml:13:11: 'mae' scores regression; the data is classification",
        ],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_a_line_with_its_place(dlrun: Dlrun, tmp_path: Path, fault: str) -> None:
    text, lines = FAULTS[fault]
    (tmp_path / "spec.yaml").write_text(HEAD + text)
    result = dlrun("check", "spec.yaml")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines() == lines
