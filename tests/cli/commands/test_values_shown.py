"""Settings are written in the same way wherever a study shows them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from sweeps import write_sweep

import dlrun as package

Dlrun = Callable[..., subprocess.CompletedProcess[str]]

SPACE = {
    "data.preprocess": [["standardize"], ["min_max"]],
    "model.0": [{"dense": {"units": 4, "bias": False}}],
    "optimizer.adam.lr": [0.1],
}
PYTHON = re.compile(r"\bTrue\b|\bFalse\b|\bNone\b|\{'|\['|0\.1000")


def test_lines_tables_and_reports_show_yaml(dlrun: Dlrun, tmp_path: Path) -> None:

    write_sweep(tmp_path, search="grid", space=SPACE)
    dry, tuned = dlrun("tune", "sweep.yaml", "--dry-run"), dlrun("tune", "sweep.yaml", "--plain")
    layer = "model.0={dense: {units: 4, bias: false}}"
    assert f"trial 0  preprocess=[standardize] {layer} lr=0.1\n" in dry.stdout
    for text in (dry.stdout, tuned.stdout):
        assert f"preprocess=[min_max] {layer} lr=0.1\n" in text
        assert not PYTHON.search(text)
    study = tmp_path / "studies" / "search"
    table = (study / "leaderboard.md").read_text()
    assert "| [min_max] | {dense: {units: 4, bias: false}} | 0.1 |" in table
    data = re.search(r'id="data">(.*?)</script>', package.report(study), re.DOTALL)
    assert data is not None
    charts = json.loads(data[1])
    assert charts["chart-slice-0"]["x"]["names"] == ["[standardize]", "[min_max]"]
    for text in (table, data[1]):
        assert not PYTHON.search(text)
