"""What all tests share: settings, and a spec small enough to be trained in milliseconds."""

from __future__ import annotations

import gc
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import settings
from skips import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401
from warm import WarmProcess

# How long an example takes says more about the machine than about the code.
settings.register_profile("dlrun", deadline=None)
settings.load_profile("dlrun")

settings.register_profile("fuzz", deadline=None, max_examples=15_000, print_blob=True)

_COMPARES_WITH_TORCH = re.compile(r"^(import|from) torch\b", re.MULTILINE)
_NO_TORCH = importlib.util.find_spec("torch") is None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the files that compare with PyTorch where the extra ``parity`` is missing."""
    if _NO_TORCH and re.fullmatch(r"test_.*\.py", collection_path.name):
        return bool(_COMPARES_WITH_TORCH.search(collection_path.read_text())) or None
    return None


def pytest_collection_finish() -> None:
    """Let the garbage collector leave out the tests and their modules, which stay to the end.

    Passing over a million objects again and again was a third of the time of quick tests.
    """
    gc.collect()
    gc.freeze()


_SMALL: dict[str, Any] = {
    "name": "small",
    "seed": 3,
    "data": {
        "source": {"blobs": {"samples": 110, "noise": 2.0}},
        "split": {"validation": 0.2, "test": 0.2},
        "preprocess": ["standardize"],
        "batch_size": 16,
    },
    "model": [{"dense": 8}, "relu", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "metrics": ["accuracy"],
    "optimizer": {"adam": {"lr": 0.01}},
    "epochs": 3,
}


class WriteSpec(Protocol):
    """Writes the small spec with other top-level keys, and gives its path."""

    def __call__(self, file: str = "spec.yaml", **keys: Any) -> Path: ...


@pytest.fixture(scope="session", autouse=True)
def no_trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files that tests allow to run are not kept among those that the user has trusted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_pictures() -> Iterator[None]:
    """Pictures would take most of the time of most tests; ``pictures`` switches them on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLRUN_PICTURES", "no")
        yield


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings and studies draw, as they do by default."""
    monkeypatch.delenv("DLRUN_PICTURES")


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmProcess]:
    """Runs commands in processes that need not import anything."""
    process = WarmProcess()
    yield process
    process.end()


@pytest.fixture
def spec(tmp_path: Path) -> WriteSpec:
    def write(file: str = "spec.yaml", **keys: Any) -> Path:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**_SMALL, **keys}, indent=2))  # JSON is YAML
        return path

    return write
