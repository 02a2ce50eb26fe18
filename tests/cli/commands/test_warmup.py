from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun import catalog

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

needs_numba = pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="needs Numba")
pytestmark = needs_numba


def kept(folder: Path) -> set[str]:
    return {each.name for each in (folder / "kernels").iterdir()}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder that a process has filled, and what the process said."""
    folder = tmp_path_factory.mktemp("warm")
    done = subprocess.run(
        [sys.executable, "-m", "dlrun", "warmup"],
        env={**os.environ, "DLRUN_CACHE": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return folder, done.stdout.splitlines()


IMAGES: dict[str, Any] = {
    "data": {"source": "digits", "batch_size": 100},
    "model": [
        {"conv": {"filters": 8, "kernel": 3}},
        "batch_norm",
        "relu",
        "max_pool",
        {"conv": {"filters": 8, "kernel": 3, "stride": 2}},
        "relu",
        "flatten",
        {"dropout": 0.2},
        {"dense": "${classes}"},
    ],
    "epochs": 1,
}
NUMBERS: dict[str, Any] = {
    "data": {"source": "diabetes", "preprocess": ["standardize"], "batch_size": 50},
    "model": [{"dense": 20}, "batch_norm", "leaky_relu", {"dense": 1}],
    "loss": "mse",
    "metrics": ["mae"],
    "epochs": 1,
}
TWO: dict[str, Any] = {
    "data": {"source": "breast_cancer", "batch_size": 64},
    "model": [{"dense": 20}, "tanh", {"dense": 1}],
    "loss": "binary_cross_entropy",
    "epochs": 1,
}


@pytest.mark.slow
@pytest.mark.parametrize("keys", [IMAGES, NUMBERS, TWO], ids=["images", "numbers", "two classes"])
def test_a_training_afterwards_compiles_nothing(
    dlrun: Dlrun, spec: Spec, filled: tuple[Path, list[str]], keys: dict[str, Any]
) -> None:
    folder, _ = filled
    before = kept(folder)
    result = dlrun("train", spec(**keys), DLRUN_CACHE=str(folder), DLRUN_KERNELS="numba")
    assert (result.returncode, result.stderr) == (0, "")
    assert kept(folder) == before


@pytest.mark.slow
def test_no_optimizer_compiles_anything_afterwards(
    spec: Spec, filled: tuple[Path, list[str]], tmp_path: Path
) -> None:
    folder, _ = filled
    before = kept(folder)
    catalog.load()
    (root,) = (each for each in catalog.FAMILIES if each.family.family == "optimizer")
    names = [each for each in root.family if root.family[each].__module__.startswith("dlrun.")]
    program = (
        "import dlrun\n"
        f"for name in {names!r}:\n"
        f"    dlrun.train({str(spec(epochs=1))!r}, {{'optimizer': name}})\n"
        f"dlrun.train({str(spec(epochs=1))!r}, {{'optimizer': {{'sgd': {{'momentum': 0.9}}}}}})\n"
    )
    variables = {"DLRUN_CACHE": str(folder), "DLRUN_KERNELS": "numba"}
    subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, **variables}, check=True
    )
    assert kept(folder) == before


@pytest.mark.slow
def test_it_says_what_it_compiles_and_where_it_is_kept(filled: tuple[Path, list[str]]) -> None:
    folder, (*compiling, last) = filled
    names = {line.removeprefix("compiling ") for line in compiling}
    assert {"winograd._correlate", "norm.normalize", "adam._adam"} <= names
    assert names == {name.rpartition("-")[0] for name in kept(folder)}
    assert re.fullmatch(
        rf"{len(compiling)} kernels compiled, [\dms.]+; kept in {folder}/kernels", last
    )


@pytest.mark.slow
def test_a_second_time_there_is_nothing_to_do(dlrun: Dlrun, filled: tuple[Path, list[str]]) -> None:
    folder, _ = filled
    before = kept(folder)
    (line,) = dlrun("warmup", DLRUN_CACHE=str(folder)).stdout.splitlines()
    assert re.fullmatch(rf"nothing to compile, [\dms.]+; kept in {folder}/kernels", line)
    assert kept(folder) == before
    assert dlrun("warmup", "--quiet", DLRUN_CACHE=str(folder)).stdout == ""


@pytest.mark.slow
def test_a_terminal_shows_a_bar_that_goes_away(
    screen: Callable[..., Any], filled: tuple[Path, list[str]]
) -> None:
    folder, _ = filled
    shown = screen("warmup", DLRUN_CACHE=str(folder)).read()
    assert "━" in shown
    assert "nothing to compile, " in shown.splitlines()[-1]


def test_a_folder_that_cannot_be_written_is_a_line(dlrun: Dlrun, tmp_path: Path) -> None:
    (tmp_path / "kernels").write_text("")
    result = dlrun("warmup", DLRUN_CACHE=str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"{tmp_path}/kernels: File exists; set DLRUN_CACHE to a folder of yours\n"
    )


CONV: dict[str, Any] = {
    "data": {"source": "digits", "batch_size": 100},
    "model": ["relu", "flatten", {"dense": "${classes}"}],
    "epochs": 1,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"), [([], True), (["--json"], False), (["--quiet"], False)]
)
def test_training_says_that_it_compiles_but_not_that_it_loads(
    dlrun: Dlrun, spec: Spec, tmp_path: Path, options: list[str], said: bool
) -> None:
    cache = str(tmp_path / "new")
    for first in (True, False):
        result = dlrun("train", spec(**CONV), *options, DLRUN_CACHE=cache, DLRUN_KERNELS="numba")
        assert result.returncode == 0
        lines = result.stderr.splitlines()
        if said and first:
            assert lines[0].startswith("compiling kernels for this machine, once; dlrun warmup ")
        else:
            assert lines == []
        assert "compiling" not in result.stdout


@pytest.mark.slow
def test_training_says_that_kernels_cannot_be_kept(
    dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    (tmp_path / "kernels").write_text("")
    result = dlrun("train", spec(**CONV), DLRUN_CACHE=str(tmp_path), DLRUN_KERNELS="numba")
    assert result.returncode == 0
    assert result.stderr.startswith("compiling kernels, which cannot be kept (")
    assert "File exists; see DLRUN_CACHE)" in result.stderr


@pytest.mark.slow
def test_a_live_display_says_it_too(screen: Callable[..., Any], spec: Spec, tmp_path: Path) -> None:
    cache = str(tmp_path / "new")
    shown = screen("train", spec(**CONV), DLRUN_CACHE=cache, DLRUN_KERNELS="numba").read()
    assert "compiling kernels for this machine" in shown
