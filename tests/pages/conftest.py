"""Runs that reports are made of, trained once for all tests of a worker."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC

import dlrun

Trained = Callable[..., Path]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The directory of a run of the small spec with other keys; each is trained once."""
    known: dict[str, Path] = {}

    def run(**keys: Any) -> Path:
        word = repr(sorted(keys.items()))
        if word not in known:
            folder = tmp_path_factory.mktemp("runs")
            spec = {**copy.deepcopy(SPEC), **keys}
            known[word] = dlrun.train(spec, runs=folder).path
        return known[word]

    return run


@pytest.fixture
def own(trained: Trained, tmp_path: Path) -> Path:
    """A copy of the small run, to be changed."""
    path = trained()
    return Path(shutil.copytree(path, tmp_path / "runs" / path.parent.name / path.name))
