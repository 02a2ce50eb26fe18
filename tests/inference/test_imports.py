"""Predicting with a trained network imports no training loop and writes no checkpoint."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import dlrun

Spec = Callable[..., Path]

TRAINING = ("dlrun.training", "dlrun.checkpoints", "dlrun.launch", "dlrun.study", "matplotlib")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    spec = {
        "name": "small",
        "data": {"source": {"csv": {"path": str(folder / "table.csv"), "target": "kind"}}},
        "model": [{"dense": "${classes}"}],
        "loss": "cross_entropy",
        "epochs": 1,
    }
    rows = [f"{n},{n % 4},{'ab'[n % 2]}" for n in range(40)]
    (folder / "table.csv").write_text("\n".join(["x,y,kind", *rows]))
    (folder / "inputs.csv").write_text("x,y\n1,2\n3,1\n")
    return dlrun.train(spec, runs=folder / "runs").path


def loaded_by(program: str) -> set[str]:
    """The modules that a program leaves imported."""
    listing = "import sys; print('\\n' + ' '.join(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", f"{program}\n{listing}"], capture_output=True, text=True, check=True
    )
    return set(result.stdout.splitlines()[-1].split())


ALLOWED = {"dlrun.training", "dlrun.training.events"}
"""The terminal's display knows the frozen events, which import nothing of training."""


def of_training(modules: set[str]) -> list[str]:
    return sorted(
        name
        for name in modules - ALLOWED
        if any(name == each or name.startswith(f"{each}.") for each in TRAINING)
    )


@pytest.mark.parametrize(
    "program",
    [
        "import dlrun; dlrun.Run({run!r}).predict([[1.0, 2.0]])",
        "import dlrun; dlrun.Run({run!r}).predict_file({file!r})",
        "import dlrun; dlrun.Run({run!r}).evaluate()",
        "from dlrun.cli.app import run; assert run(['predict', {run!r}, {file!r}]) == 0",
        "from dlrun.cli.app import run; assert run(['evaluate', {run!r}]) == 0",
    ],
    ids=["Run.predict", "Run.predict_file", "Run.evaluate", "dlrun predict", "dlrun evaluate"],
)
def test_a_trained_network_needs_no_training_loop(run: Path, program: str) -> None:
    file = run.parents[2] / "inputs.csv"
    modules = loaded_by(program.format(run=str(run), file=str(file)))
    assert "dlrun.inference.saved_model" in modules
    assert of_training(modules) == []


def test_the_test_sees_a_training_loop() -> None:
    assert of_training(loaded_by("import dlrun.training.session"))
