from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dlrun.runs.environment import collect, git_state
from dlrun.runs.json_text import to_json


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_it_says_what_results_depend_on() -> None:
    found = collect("sha256:abc", threads=3, command=["dlrun", "train", "spec.yaml"])
    assert found["data"] == "sha256:abc"
    assert found["threads"] == 3
    assert found["command"] == ["dlrun", "train", "spec.yaml"]
    assert found["packages"]["numpy"] == np.__version__
    assert found["python"].endswith(sys.version.split()[0])
    assert found["cpu"]["model"]
    assert 1 <= found["cpu"]["usable"] <= found["cpu"]["count"]
    assert all(library["name"] and library["threads"] >= 1 for library in found["blas"])
    assert found["blas"]
    assert json.loads(to_json(found)) == found


def test_it_imports_no_package_to_learn_its_version() -> None:
    program = (
        "import sys; from dlrun.runs.environment import collect; found = collect('', 1);"
        "assert found['packages']['numpy'] and found['packages']['numba'];"
        "print([m for m in ('numpy', 'numba', 'scipy', 'sklearn') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert output.strip() == b"[]"


def test_it_keeps_no_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "a-value-to-hide")
    assert "a-value-to-hide" not in to_json(collect("", 1))


def test_git_state(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None
    git(tmp_path, "init")
    assert git_state(tmp_path) is None
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "one")
    commit = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "untracked").write_text("")
    assert git_state(tmp_path) == {"commit": commit, "dirty": False}
    (tmp_path / "file").write_text("two")
    assert git_state(tmp_path) == {"commit": commit, "dirty": True}


def test_no_git_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert git_state(tmp_path) is None
