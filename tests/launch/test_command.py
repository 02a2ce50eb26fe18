from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun.experiment.experiment import Experiment
from dlrun.launch.command import command_of
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides

Spec = Callable[..., Path]


def command(spec: Given, overrides: Overrides = ()) -> dict[str, Any]:
    return command_of(Document.open(spec, Experiment, overrides), overrides)


def test_a_file_is_found_by_its_path_however_that_is_written(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spec()
    monkeypatch.chdir(path.parent)
    assert command(path) == command(path.name) == command(f"../{path.parent.name}/{path.name}")
    assert command(path)["spec"] == str(path.resolve())
    before = command(path)
    assert command(spec(epochs=9)) == before  # its content is compared when the run is resumed
    assert command(spec("other.yaml")) != before


def test_a_mapping_is_found_by_its_content(spec: Spec, tmp_path: Path) -> None:
    content = json.loads(spec().read_text())
    same = json.loads(spec().read_text())
    assert command(content) == command(same)
    assert command(content)["spec"].startswith("mapping with SHA-256 ")
    assert command({**content, "seed": 4}) != command(content)
    assert command(content) != command(spec())


def test_overrides_count_in_any_order_and_notation(spec: Spec) -> None:
    path = spec()
    words = ["seed=4", "optimizer.adam.lr=0.1"]
    assert command(path, words) == command(path, words[::-1])
    assert command(path, words) == command(path, {"optimizer.adam.lr": 0.1, "seed": 4})
    assert command(path, words) != command(path, words[:1])


def test_keys_that_may_change_do_not_count(spec: Spec) -> None:
    path = spec()
    free = ["epochs=9", "max_time=1h", "checkpoint.every.steps=5"]
    assert command(path, free) == command(path)
