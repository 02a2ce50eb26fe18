from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from dlrun.run_directory.environment import collect
from dlrun.run_directory.json_text import to_json


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
        "import sys; from dlrun.run_directory.environment import collect; found = collect('', 1);"
        "assert found['packages']['numpy'] and found['packages']['numba'];"
        "print([m for m in ('numpy', 'numba', 'scipy', 'sklearn') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert output.strip() == b"[]"


def test_it_keeps_no_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "a-value-to-hide")
    assert "a-value-to-hide" not in to_json(collect("", 1))
