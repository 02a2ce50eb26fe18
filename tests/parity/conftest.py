"""Parity with PyTorch: left out, and said so, where the extra ``parity`` is not installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent
collect_ignore_glob: list[str] = []

if importlib.util.find_spec("torch") is None:
    collect_ignore_glob.append("test_*.py")


def pytest_report_header() -> str:
    if collect_ignore_glob:
        return "PARITY TESTS ARE LEFT OUT: torch is missing (pip install 'dlrun[parity]')"
    import torch

    return f"parity with torch {torch.__version__}"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
